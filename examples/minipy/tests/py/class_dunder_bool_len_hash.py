class T:
    def __bool__(self): return False
class L:
    def __len__(self): return 0
class H:
    def __hash__(self): return 7
print(bool(T()), bool(L()), not T(), hash(H()), "t" if L() else "f")
class Bad:
    def __bool__(self): return 1
try:
    bool(Bad())
except TypeError as e:
    print(e)

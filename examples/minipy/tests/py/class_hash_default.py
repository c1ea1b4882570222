class A: pass
a, b = A(), A()
d = {a: 1, b: 2}
print(d[a], d[b], a == a, a == b, a != b, len({a, b, a}))
class B:
    def __eq__(self, o): return True
    def __hash__(self): return 1
print(len({B(), B()}), B() == 5)

class A:
    def __format__(self, spec): return "fmt:" + spec
    def __index__(self): return 3
    def __int__(self): return 9
    def __float__(self): return 1.5
    def __round__(self, n=None): return "rounded"
print(f"{A():abc}", format(A(), "x"), [1, 2, 3, 4][A()], int(A()), float(A()), round(A()), hex(A()))

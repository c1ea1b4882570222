class A:
    x = 1
    def f(self): pass
a = A()
a.y, a.z = 2, 3
print(a.__dict__, "x" in A.__dict__, "f" in A.__dict__, vars(a) == {"y": 2, "z": 3}, A.__module__)

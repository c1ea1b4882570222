class A:
    def f(self): return 1
a = A()
print([a.f() for _ in range(3)])
A.f = lambda self: 2
print(a.f())
a.f = lambda: 3
print(a.f())
del a.f
print(a.f())
class B(A): pass
b = B()
print(b.f())
B.f = lambda self: 4
print(b.f(), a.f())
del B.f
print(b.f())

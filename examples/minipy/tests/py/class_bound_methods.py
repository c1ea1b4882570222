class A:
    def f(self, x): return (self.n, x)
a = A()
a.n = 1
m = a.f
print(m(5), a.f == a.f, m.__func__ is A.f)
fs = [A().f.__name__]
print(fs)

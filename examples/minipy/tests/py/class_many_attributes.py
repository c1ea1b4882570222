class A: pass
a = A()
for i in range(20):
    setattr(a, "x%d" % i, i)
print(sum(getattr(a, "x%d" % i) for i in range(20)), len(vars(a)))
del a.x3
print(hasattr(a, "x3"), a.x4)

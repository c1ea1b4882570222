import gc
class A: pass
gc.collect()
a, b = A(), A()
a.b, b.a = b, a
del a, b
print(gc.collect() >= 2)
print(gc.collect())

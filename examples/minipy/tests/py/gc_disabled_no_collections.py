import gc, weakref
class A: pass
gc.disable()
a = A()
a.me = a
w = weakref.ref(a)
del a
for i in range(5000):
    x = [i, [i]]
print(w() is not None)
gc.collect()
print(w() is None)

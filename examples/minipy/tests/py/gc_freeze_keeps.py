import gc, weakref
class A: pass
gc.disable()
a = A()
a.me = a
w = weakref.ref(a)
gc.freeze()
del a
gc.collect()
print(w() is not None)
gc.unfreeze()
gc.collect()
print(w() is None)

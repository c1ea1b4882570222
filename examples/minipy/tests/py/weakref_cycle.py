import weakref, gc
class A: pass
gc.disable()
a = A()
a.me = a
r = weakref.ref(a, lambda ref: print("callback"))
del a
print(r() is None)
gc.collect()
print(r() is None)

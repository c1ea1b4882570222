import gc, weakref
class A:
    def m(self): pass
a = A()
a.m2 = a.m
w = weakref.ref(a)
del a
gc.collect()
print(w() is None)

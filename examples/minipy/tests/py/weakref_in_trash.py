import weakref, gc
class A: pass
a = A()
a.me = a
a.r = weakref.ref(a, lambda ref: print("must not run"))
del a
gc.collect()
print("quiet")

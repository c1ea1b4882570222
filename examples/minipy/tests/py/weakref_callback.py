import weakref
class A: pass
a = A()
r = weakref.ref(a, lambda ref: print("gone", ref is r, ref() is None))
del a
print("end")

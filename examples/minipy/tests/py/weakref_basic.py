import weakref
class A: pass
a = A()
r = weakref.ref(a)
print(r() is a, r() is not None)
del a
print(r())

import weakref
class A: pass
a = A()
print(weakref.getweakrefcount(a))
r = weakref.ref(a)
print(weakref.getweakrefcount(a))

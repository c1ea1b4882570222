import weakref
class A: pass
a = A()
def cb(ref):
    raise ValueError("ignored")
r = weakref.ref(a, cb)
del a
print("alive")

import gc, weakref
class A: pass
def f():
    a = A()
    def g():
        return a, g
    return weakref.ref(a)
gc.collect()
gc.disable()
w = f()
print(w() is not None)
gc.collect()
print(w() is None)

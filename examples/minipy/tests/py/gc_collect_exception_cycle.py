import gc, weakref
class A: pass
def f():
    a = A()
    try:
        raise ValueError("x")
    except ValueError as e:
        a.e = e
        e.a = a
    return weakref.ref(a)
w = f()
gc.collect()
print(w() is None)

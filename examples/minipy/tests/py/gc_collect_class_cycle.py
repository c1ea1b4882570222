import gc, weakref
def f():
    class A:
        def m(self): return A
    a = A()
    return weakref.ref(a), weakref.ref(A)
wa, wc = f()
gc.collect()
print(wa() is None, wc() is None)

import gc, weakref
class A: pass
def g(box):
    try:
        yield 1
    finally:
        print("gen closed")
a = A()
a.gen = g(a)
next(a.gen)
w = weakref.ref(a)
a.gen2 = (x for x in [a])
del a
gc.collect()
print(w() is None)

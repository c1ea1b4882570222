import weakref
class A: pass
def f(): pass
for x in (A, f, {1}, A()):
    print(weakref.ref(x) is not None)
for x in (1, "a", [1], {}, None, (1,)):
    try:
        weakref.ref(x)
    except TypeError as e:
        print(e)

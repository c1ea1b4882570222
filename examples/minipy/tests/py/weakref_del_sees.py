import weakref
class A:
    def __del__(self): print("del", r() is None)
a = A()
r = weakref.ref(a)
del a
print(r())

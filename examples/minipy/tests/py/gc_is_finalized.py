import gc
keep = []
class A:
    def __del__(self): keep.append(self)
a = A()
print(gc.is_finalized(a), gc.is_finalized(5))
del a
print(gc.is_finalized(keep[0]))

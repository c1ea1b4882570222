import gc
class A:
    def __del__(self):
        global keep
        keep = self
class B: pass
gc.collect()
a = A()
a.me = a
a.b = B()
del a
gc.collect()
print(isinstance(keep.b, B), keep.me is keep)
keep = None
gc.collect()
print("end")

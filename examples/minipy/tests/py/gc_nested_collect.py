import gc
class A:
    def __del__(self):
        print("nested", gc.collect())
a = A()
a.me = a
del a
gc.collect()
print("done")

import gc
saved = []
class A:
    def __del__(self):
        print("del")
        saved.append(self)
a = A()
a.me = a
del a
gc.collect()
print(len(saved), saved[0].me is saved[0])
saved.clear()
gc.collect()
print(len(saved))

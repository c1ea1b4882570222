saved = []
class A:
    def __del__(self):
        print("del")
        saved.append(self)
a = A()
a = None
print(len(saved))
saved.clear()
print("second death is quiet", len(saved))

class A:
    def __init__(self): self.log = []
    def __iadd__(self, o):
        self.log.append(o)
        return self
a = A()
b = a
a += 1
a += 2
print(a.log, a is b)
class B:
    def __add__(self, o): return "added"
b = B()
b += 1
print(b)

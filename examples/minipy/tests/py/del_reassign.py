class A:
    def __init__(self, n): self.n = n
    def __del__(self): print("del", self.n)
a = A(1)
a = A(2)
print("x")
class H: pass
h = H()
h.a = A(3)
h.a = A(4)
print("y")
del h
print("z")
a = 0

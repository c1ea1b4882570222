class A:
    def __init__(self, n): self.n = n
    def __del__(self): print("del", self.n)
a = A(1)
a = None
print("after")
b = A(2)
c = b
del b
print("still")
del c
A(3)
print("end")
def f():
    x = A(4)
    print("in f")
f()
l = [A(5), A(6)]
l.clear()
print("done")

class A:
    def __init__(self, x):
        self.x = x
class B(A):
    def __init__(self, x, y):
        super().__init__(x)
        self.y = y
class C(B):
    def __init__(self):
        B.__init__(self, 1, 2)
c = C()
print(c.x, c.y)
class D:
    def __init__(self):
        super().__init__()
        print("D")
D()

class A:
    __slots__ = ("x", "y")
    def __init__(self):
        self.x = 1
a = A()
print(a.x)
try:
    a.z = 1
except AttributeError as e:
    print(e)
try:
    a.y
except AttributeError as e:
    print("no y")
a.y = 5
print(a.y, hasattr(a, "__dict__"))
class B(A):
    __slots__ = ("w",)
b = B()
b.w = 1
print(b.x, b.w)
class C(A):
    pass
c = C()
c.anything = 1
print(c.anything)

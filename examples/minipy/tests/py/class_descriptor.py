class D:
    def __set_name__(self, owner, name): self.name = "_" + name
    def __get__(self, obj, cls):
        return self if obj is None else getattr(obj, self.name, "unset")
    def __set__(self, obj, value): setattr(obj, self.name, value + 1)
class A:
    x = D()
a = A()
print(a.x)
a.x = 5
print(a.x, a._x, isinstance(A.x, D))

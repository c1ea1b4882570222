class A:
    v = "class"
def read(o): return o.v
a, b = A(), A()
print(read(a), read(b))
a.v = "instance"
print(read(a), read(b))
A.v = "changed"
print(read(a), read(b))
del a.v
print(read(a))
A.v = property(lambda self: "property")
print(read(a))

def f():
    ...
class A:
    pass
print(f(), ... is Ellipsis, repr(...))

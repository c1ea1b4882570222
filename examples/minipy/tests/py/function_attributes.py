def f():
    "doc string"
f.x = 1
print(f.__name__, f.__doc__, f.x, f.__qualname__, f.__defaults__)
class A:
    def m(self):
        pass
print(A.m.__qualname__, A().m.__name__, (lambda: 0).__name__)

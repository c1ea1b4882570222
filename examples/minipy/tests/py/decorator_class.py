def register(cls):
    cls.registered = True
    return cls
@register
class A:
    pass
print(A.registered)
class Memo:
    def __init__(self, f):
        self.f, self.cache = f, {}
    def __call__(self, x):
        if x not in self.cache:
            self.cache[x] = self.f(x)
        return self.cache[x]
@Memo
def square(x):
    print("computing", x)
    return x * x
print(square(3), square(3))

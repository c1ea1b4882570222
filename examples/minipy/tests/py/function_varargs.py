def f(*args, **kwargs):
    return args, sorted(kwargs.items())
print(f(), f(1, 2), f(a=1), f(1, *[2, 3], b=2, **{"c": 3}))
def g(a, *args, k=5, **kw):
    return a, args, k, kw
print(g(1), g(1, 2, 3, k=6, z=7))

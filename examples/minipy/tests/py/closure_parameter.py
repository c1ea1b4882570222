def f(x):
    def g():
        return x
    x += 1
    return g
print(f(1)())

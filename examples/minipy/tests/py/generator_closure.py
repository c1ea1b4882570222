def make():
    n = 0
    def g():
        nonlocal n
        while n < 3:
            n += 1
            yield n
    return g, lambda: n
g, get = make()
print(next(g()), get(), list(g()), get())

def f():
    return 1, 2
a, b = f()
print(a, b, f())
def g():
    return
print(g())

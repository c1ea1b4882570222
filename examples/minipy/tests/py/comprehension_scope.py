x = "outer"
print([x for x in range(3)], x)
fs = [lambda: i for i in range(3)]
print([f() for f in fs])
fs = [lambda i=i: i for i in range(3)]
print([f() for f in fs])
def g():
    y = 10
    return [y + z for z in range(3)]
print(g())

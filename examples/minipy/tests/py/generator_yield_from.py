def inner():
    x = yield 1
    print("inner got", x)
    yield 2
    return "result"
def outer():
    r = yield from inner()
    print("outer got", r)
    yield from [3, 4]
    return "end"
g = outer()
print(next(g), g.send("hello"), list(g))

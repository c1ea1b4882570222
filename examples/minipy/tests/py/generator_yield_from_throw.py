def inner():
    try:
        yield 1
    except ValueError as e:
        print("inner", e)
        yield "handled"
    return 5
def outer():
    r = yield from inner()
    print("r", r)
    yield r
g = outer()
print(next(g), g.throw(ValueError("x")), next(g))
def o2():
    try:
        yield from inner()
    finally:
        print("o2 finally")
h = o2()
next(h)
h.close()

def g():
    while True:
        try:
            x = yield 1
        except ValueError as e:
            print("caught", e)
            yield "recovered"
it = g()
print(next(it), it.throw(ValueError("v")), next(it))
try:
    it.throw(KeyError("k"))
except KeyError as e:
    print("out", e)
print(list(it))

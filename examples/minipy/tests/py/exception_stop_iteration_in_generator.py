def g():
    yield 1
    raise StopIteration("x")
it = g()
print(next(it))
try:
    next(it)
except RuntimeError as e:
    print(e, type(e.__cause__).__name__)

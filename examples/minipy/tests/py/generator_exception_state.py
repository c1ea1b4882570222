import sys
def g():
    try:
        raise ValueError("in gen")
    except ValueError:
        yield 1
        print(sys.exc_info()[0].__name__)
it = g()
next(it)
print(sys.exc_info()[0])
list(it)

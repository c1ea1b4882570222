import sys
try:
    raise ValueError("a")
except ValueError:
    try:
        raise KeyError("b")
    except KeyError:
        print(sys.exc_info()[0].__name__)
    print(sys.exc_info()[0].__name__)
print(sys.exc_info())

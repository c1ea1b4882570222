# A program may make a circle of contexts. Who adds to it must not go round for ever, nor who prints it.
a, b, c = ValueError("a"), TypeError("b"), KeyError("c")
a.__context__ = b
b.__context__ = c
c.__context__ = b
try:
    try:
        raise a
    except ValueError:
        raise RuntimeError("new")
except RuntimeError as error:
    print(error, repr(error.__context__), repr(error.__context__.__context__))
a.__context__ = a
try:
    try:
        raise a
    except ValueError:
        raise b
except TypeError as error:
    print(error, repr(error.__context__))
one, two = ValueError("one"), ValueError("two")
try:
    try:
        raise one
    except ValueError:
        raise two
except ValueError:
    try:
        raise one
    except ValueError as error:
        print(repr(error.__context__), repr(error.__context__.__context__))
chain = ValueError(0)
for at in range(3000):
    next_one = ValueError(at)
    next_one.__context__ = chain
    chain = next_one
try:
    try:
        raise chain
    except ValueError:
        raise KeyError("end")
except KeyError as error:
    print(error)
a.__context__, b.__context__ = b, a
raise a

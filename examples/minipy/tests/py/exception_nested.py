try:
    try:
        raise ValueError("inner")
    except KeyError:
        print("wrong")
    finally:
        print("finally")
except ValueError as e:
    print("outer", e)
try:
    try:
        1 / 0
    except ZeroDivisionError:
        raise KeyError("second")
except KeyError as e:
    print(repr(e), repr(e.__context__), e.__cause__)

try:
    raise ValueError("bad", 1)
except ValueError as e:
    print(e, e.args, repr(e), type(e).__name__, isinstance(e, Exception))
try:
    raise KeyError("k")
except LookupError as e:
    print(e, repr(e))
try:
    raise ValueError
except ValueError as e:
    print(repr(str(e)), e.args)

for f in (lambda: {}["x"], lambda: {}[[1]], lambda: {}.popitem(), lambda: dict([1])):
    try:
        f()
    except (KeyError, TypeError) as e:
        print(type(e).__name__, e)

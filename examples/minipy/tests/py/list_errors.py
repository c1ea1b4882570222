for f in (lambda: [1][5], lambda: [].pop(), lambda: [1].remove(2), lambda: [1]["x"], lambda: [1].index(9), lambda: [1] + (2,), lambda: [1].pop(3)):
    try:
        f()
    except (IndexError, ValueError, TypeError) as e:
        print(type(e).__name__, e)

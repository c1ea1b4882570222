for f in (lambda: "a" + 1, lambda: "abc"[5], lambda: "abc"["x"], lambda: "a" * "b", lambda: 1 + "a"):
    try:
        f()
    except (TypeError, IndexError) as e:
        print(type(e).__name__, e)

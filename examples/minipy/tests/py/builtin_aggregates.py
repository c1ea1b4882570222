print(min(3, 1, 2), max([1, 5, 2]), min("b", "a"), max([], default=7), sum([1, 2], 10), sum([0.5, 0.25]), min([(2, "a"), (1, "z")]), max("aa", "b", key=len), all([]), any([]), all([1, 0]))
for f in (lambda: min([]), lambda: max(1), lambda: sum(["a"])):
    try:
        f()
    except (ValueError, TypeError) as e:
        print(e)

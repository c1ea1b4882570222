g = (x * x for x in range(4))
print(next(g), list(g), sum(x for x in range(5)), max((len(w) for w in ["a", "bbb"]), default=0), any(x > 3 for x in range(5)))

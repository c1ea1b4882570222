for x in (0.0, -0.0, 1.0, 0.1, 1e16, 1e15, 123456789.123, 1e-4, 1e-5, 1.5e300, 1e22, 2.5e-8, 100000.0, float("inf"), float("-inf"), float("nan")):
    print(repr(x), str(x))

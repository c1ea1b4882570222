a = [3, 1, 2]
a.sort()
print(a, sorted(a, reverse=True), sorted(["b", "A", "c"], key=str.lower), sorted([(1, "b"), (1, "a"), (0, "z")]))
a.sort(key=lambda x: -x)
print(a, sorted([3.5, 1, 2.25]), sorted([("x", 2), ("y", 1)], key=lambda p: p[1]))

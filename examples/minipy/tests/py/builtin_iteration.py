print(list(zip([1, 2, 3], "ab")), list(enumerate("ab", 1)), list(map(str, [1, 2])), list(map(lambda a, b: a + b, [1, 2], [3, 4])), list(filter(None, [0, 1, "", 2])), list(filter(lambda x: x > 1, [1, 2, 3])), list(reversed([1, 2, 3])))
try:
    list(zip([1], [1, 2], strict=True))
except ValueError as e:
    print(e)

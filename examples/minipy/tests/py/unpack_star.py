a, *b = [1, 2, 3]
*c, d = (1, 2, 3)
e, *f, g = "hello"
h, *i = [1]
print(a, b, c, d, e, f, g, h, i, [*range(3), *"ab"], (*[1], 2), {**{"a": 1}, "b": 2})

a, b = 1, 2
a, b = b, a
(c, d), e = (3, 4), 5
[f, g] = "xy"
print(a, b, c, d, e, f, g)
for x, (y, z) in [(1, (2, 3)), (4, (5, 6))]:
    print(x, y, z)

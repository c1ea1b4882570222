print(range(5), list(range(5)), list(range(2, 8, 3)), list(range(5, 0, -2)), list(range(0)), len(range(10, 0, -3)), 4 in range(0, 10, 2), 5 in range(0, 10, 2), range(10)[3], range(10)[-1], range(10)[2:5], list(reversed(range(4))), range(3) == range(0, 3))
try:
    range(1, 2, 0)
except ValueError as e:
    print(e)

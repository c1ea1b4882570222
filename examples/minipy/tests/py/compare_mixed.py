print(1 < 1.5, 2 == 2.0, [1, 2] < [1, 3], (1,) < (1, 2), "a" < "b", [1, "x"] == [1, "x"], [1] != (1,))
try:
    1 < "a"
except TypeError as e:
    print(e)

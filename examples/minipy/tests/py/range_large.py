# What can be told by arithmetic is not counted.
big = range(10**12)
print(big.index(7), big.index(7.0), big.index(True), big.index(10**12 - 1), big.count(7), big.count(-1))
print(7 in big, 7.0 in big, 7.5 in range(9), 10**12 in big, -1 in big, True in big, -0.0 in big, float("nan") in range(9))
down = range(10**12, 0, -3)
print(down.index(10**12 - 3), down.count(10**12 - 3), 10**12 - 1 in down, down.index(1e12))
most = 9223372036854775807
least = -most - 1
whole = range(least, most)
print(0 in whole, most in whole, least in whole, whole[5], whole[-1], bool(whole), whole == range(least, most))
print(list(range(least, most, 2**62)), list(range(most, least, -(2**62))), list(range(most - 2, most, 5)))
print(range(10)[:: 2**62], range(10)[5 :: 2**62], range(10)[::-1], range(10)[::3], range(10)[8:2:-4], range(0)[::-1])
print([1, 2, 3][:: 2**62], "abc"[2 :: -(2**62)], (1, 2, 3)[most:], [1, 2][least:most])
print([0, 1, 2].index(2, least), (0, 1, 2).index(2, least, most), "abc".find("c", least, most))


class Odd:
    def __eq__(self, other):
        return other == 3


print(range(10).index(Odd()), range(10).count(3.0), Odd() in range(3), None in range(3), "1" in range(3))


def attempt(function):
    try:
        print(function())
    except (ValueError, OverflowError, IndexError) as error:
        print(type(error).__name__, error)


attempt(lambda: len(whole))
attempt(lambda: big.index(10**12))
attempt(lambda: range(9).index("a"))
attempt(lambda: range(9).index(7.5))
attempt(lambda: big[10**12])
attempt(lambda: range(10)[-11])
for value, digits in [(2**62, -1), (15, -1), (25, -1), (-25, -1), (-35, -1), (5, -(10**6)), (2**62, -30), (1234, -2), (50, -2), (150, -2)]:
    print(round(value, digits), end=" ")
print(round(1.5, -400), round(-1.5, -400), round(1.5, 400), round(123.456, -2), round(2.5, 0))

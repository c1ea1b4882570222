a, b = {1, 2, 3}, {2, 3, 4}
print(sorted(a | b), sorted(a & b), sorted(a - b), sorted(a ^ b), a <= b, {2} < a, a >= {1}, a == {3, 2, 1}, a.isdisjoint({9}))
print(sorted(a.union([7], (8,))), sorted(a.intersection("x", a)), a.issubset(range(10)), a.issuperset([1]))
a |= {10}
a -= {1}
a &= {2, 10}
a ^= {2, 5}
print(sorted(a))

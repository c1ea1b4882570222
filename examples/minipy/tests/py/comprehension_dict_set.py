print({k: v for k, v in zip("abc", range(3))}, sorted({x % 3 for x in range(10)}), {x: {y for y in range(x)} for x in range(2)})

m = [[0] * 3 for _ in range(2)]
m[0][1] = 5
print(m, [row[1] for row in m], [x for row in m for x in row])

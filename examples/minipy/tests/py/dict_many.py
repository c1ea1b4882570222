d = {i: i * i for i in range(1000)}
for i in range(0, 1000, 2):
    del d[i]
for i in range(0, 100, 2):
    d[i] = -i
print(len(d), d[999], d[98], sum(d.values()), list(d)[:3], list(d)[-2:])

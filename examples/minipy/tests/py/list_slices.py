a = list(range(10))
print(a[2:5], a[:3], a[7:], a[-3:], a[::3], a[::-1], a[8:2:-2], a[100:], a[-100:2])
a[2:5] = [20, 30]
print(a)
a[::2] = [0] * len(a[::2])
print(a)
del a[1:3]
print(a)
a[1:1] = [7, 8, 9]
print(a)
del a[::2]
print(a)

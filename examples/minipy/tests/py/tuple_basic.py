t = (1, 2, 3)
print(t, t[0], t[-1], t[1:], len(t), t + (4,), t * 2, 2 in t, t.index(2), t.count(1), (1,), ())
try:
    t[0] = 5
except TypeError as e:
    print(e)

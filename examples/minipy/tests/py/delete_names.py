x = 5
del x
try:
    x
except NameError as e:
    print(e)
d = {"a": 1}
a = [1, 2, 3]
del d["a"], a[0]
print(d, a)

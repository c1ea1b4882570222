a = [1, 2]
try:
    a[5] = 1
except IndexError as e:
    print(e)
try:
    a[::2] = [1, 2, 3]
except ValueError as e:
    print(e)
try:
    del a[9]
except IndexError as e:
    print(e)

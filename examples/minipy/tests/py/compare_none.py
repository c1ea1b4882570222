x = None
print(x is None, x is not None, x == None, None != 0)
try:
    None < 1
except TypeError as e:
    print(e)

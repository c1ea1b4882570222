import gc
a, b = [1], ["x"]
l = [a, b]
r = gc.get_referents(l)
print(len(r), any(x is a for x in r), any(x is b for x in r), gc.get_referents(5), gc.get_referents())

import gc
gc.collect()
l = []
l.append(l)
del l
print(gc.collect())
d = {}
d["me"] = d
del d
print(gc.collect())
a, b = [], []
a.append(b); b.append(a)
del a, b
print(gc.collect())

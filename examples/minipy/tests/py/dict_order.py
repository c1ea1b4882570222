d = {}
for k in "zebra":
    d[k] = len(d)
print(d)
del d["e"]
d["e"] = 9
d["z"] = 0
print(d, list(reversed(d)))

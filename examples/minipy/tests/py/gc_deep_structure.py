import gc
l = []
top = l
for i in range(50000):
    n = [l]
    l = n
top.append(l)
del top, l, n
print(gc.collect() > 40000)

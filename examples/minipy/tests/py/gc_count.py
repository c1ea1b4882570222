import gc
c = gc.get_count()
print(type(c).__name__, len(c), all(x >= 0 for x in c))
gc.collect()
print(gc.get_count()[1:])

import gc
for g in (0, 1, 2):
    gc.collect(g)
for bad in (-1, 3):
    try:
        gc.collect(bad)
    except ValueError as e:
        print(e)
try:
    gc.collect("x")
except TypeError as e:
    print("TypeError")
print(gc.collect(generation=0) >= 0)

import gc
class A: pass
a = A()
print(any(x is a for x in gc.get_objects()))
gc.collect()
print(any(x is a for x in gc.get_objects(generation=2)), any(x is a for x in gc.get_objects(0)))
try:
    gc.get_objects(5)
except ValueError as e:
    print("ValueError")

import gc
gc.set_threshold(500, 5, 7)
print(gc.get_threshold())
gc.set_threshold(0)
print(gc.get_threshold()[0])

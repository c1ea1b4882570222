import gc
class A: pass
gc.disable()
gc.collect()
gc.set_debug(gc.DEBUG_SAVEALL)
a = A()
a.me = a
del a
gc.collect()
print(any(isinstance(x, A) for x in gc.garbage))
gc.set_debug(0)
gc.garbage.clear()
gc.collect()
print(gc.garbage, gc.get_debug())

import gc
class A: pass
log = []
def cb(phase, info):
    log.append((phase, info["generation"], info["collected"] > 0))
gc.disable()
gc.collect()
a = A()
a.me = a
del a
gc.callbacks.append(cb)
gc.collect()
gc.collect(0)
gc.callbacks.remove(cb)
gc.collect()
print(log)

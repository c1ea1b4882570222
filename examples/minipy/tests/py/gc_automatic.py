import gc
class A: pass
hits = []
gc.collect()
gc.set_threshold(100, 5, 5)
gc.callbacks.append(lambda phase, info: hits.append(phase))
for i in range(1000):
    a = A()
    a.me = a
gc.callbacks.clear()
print(len(hits) > 0, hits.count("start") == hits.count("stop"))

import gc
gc.disable()
gc.collect()
before = gc.get_stats()
gc.collect(0)
gc.collect(2)
gc.collect(2)
after = gc.get_stats()
print([b["collections"] - a["collections"] for a, b in zip(before, after)], sorted(k for k in after[0] if k in ("collections", "collected", "uncollectable")))

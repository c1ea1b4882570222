import gc
class A: pass
print(gc.is_tracked(1), gc.is_tracked("a"), gc.is_tracked(None), gc.is_tracked(A()), gc.is_tracked([]), gc.is_tracked([1]), gc.is_tracked(lambda: 0))

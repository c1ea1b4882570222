import weakref
class A: pass
a = A()
log = []
rs = [weakref.ref(a, lambda ref, i=i: log.append((i, ref() is None))) for i in range(3)]
del a
print(sorted(log))

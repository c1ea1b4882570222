# Finalizers run when an operation on a container makes an object, and change that very container.
import gc
gc.set_threshold(1, 0, 0) if gc.get_threshold()[0] > 1 else None
shared = [1, 2, 3]
table = {i: i for i in range(5)}
count = 0
class D:
    def __init__(self): self.me = self
    def __del__(self):
        global count
        count += 1
        shared[0] += 1
        shared.append(shared.pop())
        table[0] = count
        next(loop, None)
loop = iter(range(10 ** 9))
def trash():
    for _ in range(3):
        D()
for round in range(50):
    trash()
    a = shared[:]
    trash()
    b = shared.copy()
    trash()
    c = shared * 2
    trash()
    d = shared + a
    trash()
    e = [pair for pair in table.items()]
    trash()
    f = list(table.values())
    trash()
    try:
        shared.pop(99)
    except IndexError:
        pass
    trash()
    g = sorted(shared)
    trash()
    h = tuple(shared)
    trash()
    i = {**table}
    trash()
    j = table | {9: 9}
gc.collect()
print(count, len(shared), len(table), len(a), len(b), len(c), len(d), len(e), len(f), len(h), len(i), len(j))

"""Two threads collect while two others make garbage."""
import gc
import threading
import weakref


class Node:
    pass


refs = []
done = False


def make():
    for i in range(150):
        a, b = Node(), Node()
        a.other, b.other = b, a
        if i % 10 == 0:
            refs.append(weakref.ref(a))


def collect():
    while not done:
        gc.collect()


makers = [threading.Thread(target=make) for _ in range(2)]
collectors = [threading.Thread(target=collect) for _ in range(2)]
for t in makers + collectors:
    t.start()
for t in makers:
    t.join()
done = True
for t in collectors:
    t.join()
gc.collect()
print(len(refs), [ref() for ref in refs if ref() is not None])

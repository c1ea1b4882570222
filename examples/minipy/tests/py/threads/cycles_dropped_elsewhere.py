"""One thread makes cycles, another drops them; the collector finds them all."""
import gc
import queue
import threading

alive = 0
lock = threading.Lock()


class Node:
    def __init__(self):
        global alive
        with lock:
            alive += 1

    def __del__(self):
        global alive
        with lock:
            alive -= 1


def ring(n):
    nodes = [Node() for _ in range(n)]
    for a, b in zip(nodes, nodes[1:] + nodes[:1]):
        a.next = b
    return nodes[0]


q = queue.Queue()


def make():
    for _ in range(40):
        q.put(ring(4))
    q.put(None)


def drop():
    while True:
        node = q.get()
        if node is None:
            return
        node.next.seen = node


makers = [threading.Thread(target=make) for _ in range(2)]
droppers = [threading.Thread(target=drop) for _ in range(2)]
for t in makers + droppers:
    t.start()
for t in makers + droppers:
    t.join()
gc.collect()
print(alive)

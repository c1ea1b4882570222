"""Producers and consumers, a bounded queue, `task_done` and `join`."""
import queue
import threading

q = queue.Queue(5)
results = []


def produce(low):
    for i in range(low, low + 50):
        q.put(i)


def consume():
    while True:
        item = q.get()
        if item is None:
            q.task_done()
            return
        results.append(item)
        q.task_done()


consumers = [threading.Thread(target=consume) for _ in range(3)]
producers = [threading.Thread(target=produce, args=(low,)) for low in (0, 100, 200)]
for t in consumers + producers:
    t.start()
for t in producers:
    t.join()
for _ in consumers:
    q.put(None)
q.join()
for t in consumers:
    t.join()
print(len(results), sum(results), q.empty(), q.qsize())

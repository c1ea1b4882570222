"""A pool of threads that wait: sleeping lets the others run, so twenty short waits take about as long as three."""

import queue
import threading
import time


def worker(tasks, results):
    while True:
        task = tasks.get()
        if task is None:
            return
        time.sleep(0.05)
        results.append(task * task)


tasks, results = queue.Queue(), []
start = time.perf_counter()
pool = [threading.Thread(target=worker, args=(tasks, results)) for _ in range(8)]
for thread in pool:
    thread.start()
for task in range(20):
    tasks.put(task)
for _ in pool:
    tasks.put(None)
for thread in pool:
    thread.join()
took = time.perf_counter() - start
print(sorted(results), "overlapped:", took < 20 * 0.05)

"""A pool of threads that compute: tasks in a queue, results in a list."""

import queue
import sys
import threading


def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def worker(tasks, results):
    while True:
        low = tasks.get()
        if low is None:
            return
        results.append((low, max((collatz(n), n) for n in range(low, low + 500))))


def main(threads, blocks):
    tasks, results = queue.Queue(), []
    pool = [threading.Thread(target=worker, args=(tasks, results)) for _ in range(threads)]
    for thread in pool:
        thread.start()
    for block in range(blocks):
        tasks.put(1 + 500 * block)
    for _ in pool:
        tasks.put(None)
    for thread in pool:
        thread.join()
    print(len(results), max(best for _, best in results))


main(int(sys.argv[1]) if len(sys.argv) > 1 else 2, int(sys.argv[2]) if len(sys.argv) > 2 else 20)

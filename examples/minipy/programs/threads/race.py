"""`x += 1` against `x -= 1` on two threads. It is not atomic, so without a lock the sum may be anything; with one it is 0."""

import sys
import threading

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 50000
x = 0
lock = threading.Lock()


def change(by, locked):
    global x
    for _ in range(COUNT):
        if locked:
            with lock:
                x += by
        else:
            x += by


def race(locked):
    global x
    x = 0
    threads = [threading.Thread(target=change, args=(by, locked)) for by in (1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return x


print("within bounds:", -COUNT <= race(False) <= COUNT)
print("with a lock:", race(True))

"""Many threads append to one list: nothing is lost, and each thread's items keep their order."""
import threading

THREADS, ITEMS = 4, 300
shared = []


def work(me):
    for i in range(ITEMS):
        shared.append((me, i))


threads = [threading.Thread(target=work, args=(me,)) for me in range(THREADS)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(len(shared))
for me in range(THREADS):
    print([i for who, i in shared if who == me] == list(range(ITEMS)))

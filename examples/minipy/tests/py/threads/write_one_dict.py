"""Many threads write, replace and delete in one dict."""
import threading

THREADS, ITEMS = 4, 200
shared = {}
common = {}


def work(me):
    for i in range(ITEMS):
        shared[me, i] = i
        common[i % 10] = me
        shared["%d-%d" % (me, i)] = i
        if i % 2:
            del shared[me, i - 1]
        common.setdefault(("first", i), me)


threads = [threading.Thread(target=work, args=(me,)) for me in range(THREADS)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(len(shared), len(common))
print(all(shared["%d-%d" % (me, i)] == i for me in range(THREADS) for i in range(ITEMS)))
print(sorted(i for me, i in [key for key in shared if isinstance(key, tuple)] if me == 0)[:5])
print(sorted(key for key in common if isinstance(key, int)))

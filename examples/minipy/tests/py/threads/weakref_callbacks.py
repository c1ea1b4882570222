"""Weak references and finalizers of objects that another thread drops."""
import gc
import threading
import weakref


class Thing:
    pass


class Last:
    def __init__(self, log):
        self.log = log

    def __del__(self):
        self.log.append("del")


called, log = [], []
things = [Thing() for _ in range(50)]
refs = [weakref.ref(thing, called.append) for thing in things]
lasts = [Last(log) for _ in range(50)]


def drop():
    while True:
        try:
            things.pop()
            lasts.pop()
        except IndexError:
            return


threads = [threading.Thread(target=drop) for _ in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
things.clear()
lasts.clear()
gc.collect()
print(len(called), len(log), all(ref() is None for ref in refs))
cache = weakref.WeakValueDictionary()


def fill(me):
    keep = []
    for i in range(50):
        thing = Thing()
        cache[me, i] = thing
        keep.append(thing)
    keep.clear()


threads = [threading.Thread(target=fill, args=(me,)) for me in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
del threads, t
gc.collect()
print(len(list(cache.items())))

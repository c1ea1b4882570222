"""A cache that forgets what was used longest ago: a dict, and a doubly linked list through its entries. The links make
cycles, so entries that are forgotten must be unlinked, or wait for the collector."""

import gc
import random


class Entry:
    __slots__ = ("key", "value", "prev", "next")

    def __init__(self, key, value):
        self.key = key
        self.value = value
        self.prev = self.next = None


class LRU:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}
        self.ring = Entry(None, None)
        self.ring.prev = self.ring.next = self.ring
        self.hits = self.misses = 0

    def _unlink(self, entry):
        entry.prev.next = entry.next
        entry.next.prev = entry.prev

    def _push(self, entry):
        last = self.ring.prev
        last.next = entry
        entry.prev = last
        entry.next = self.ring
        self.ring.prev = entry

    def get(self, key):
        entry = self.entries.get(key)
        if entry is None:
            self.misses += 1
            return None
        self.hits += 1
        self._unlink(entry)
        self._push(entry)
        return entry.value

    def put(self, key, value):
        entry = self.entries.get(key)
        if entry is not None:
            entry.value = value
            self._unlink(entry)
        else:
            if len(self.entries) >= self.capacity:
                oldest = self.ring.next
                self._unlink(oldest)
                del self.entries[oldest.key]
            entry = self.entries[key] = Entry(key, value)
        self._push(entry)

    def keys(self):
        entry = self.ring.next
        while entry is not self.ring:
            yield entry.key
            entry = entry.next


def main():
    random.seed(1)
    cache = LRU(100)
    for step in range(20000):
        key = min(random.randrange(400), random.randrange(400))
        if cache.get(key) is None:
            cache.put(key, key * key)
    print("hits", cache.hits, "misses", cache.misses, "entries", len(cache.entries))
    print("used last", list(cache.keys())[-5:])
    assert set(cache.keys()) == set(cache.entries)
    gc.collect()
    del cache
    print("the ring is garbage:", gc.collect() > 100)


main()

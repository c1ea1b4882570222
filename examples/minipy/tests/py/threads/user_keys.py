"""Keys whose comparison is Python code, in one dict and one set."""
import threading


class Key:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n % 3

    def __eq__(self, other):
        return self.n == other.n


counts = {}
seen = set()
lock = threading.Lock()


def work():
    for n in range(12):
        with lock:
            counts[Key(n)] = counts.get(Key(n), 0) + 1
        seen.add(Key(n))
        counts.get(Key(n + 1))


threads = [threading.Thread(target=work) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sorted((key.n, count) for key, count in counts.items()))
print(sorted(key.n for key in seen))

"""Threads that share an iterator: each item goes to one of them. And a generator, which runs in one thread at a time."""
import threading

items = list(range(500))
it = iter(items)
taken = [[] for _ in range(3)]


def work(mine):
    for item in it:
        mine.append(item)


threads = [threading.Thread(target=work, args=(mine,)) for mine in taken]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sorted(sum(taken, [])) == items)


def numbers():
    for i in range(300):
        yield i


generator = numbers()
lock = threading.Lock()
out = []


def pull():
    while True:
        try:
            with lock:
                value = next(generator)
        except StopIteration:
            return
        out.append(value)


threads = [threading.Thread(target=pull) for _ in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sorted(out) == list(range(300)))

"""Many threads pop from one list, one set and one dict: each item goes to one of them."""
import threading

ITEMS = 600
items = list(range(ITEMS))
keys = set(range(ITEMS))
pairs = {i: i for i in range(ITEMS)}
taken = [[] for _ in range(4)]


def work(mine):
    while True:
        try:
            mine.append(items.pop())
        except IndexError:
            break
    while True:
        try:
            mine.append(keys.pop())
        except KeyError:
            break
    while True:
        try:
            mine.append(pairs.popitem()[0])
        except KeyError:
            break


threads = [threading.Thread(target=work, args=(mine,)) for mine in taken]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sorted(sum(taken, [])) == sorted(list(range(ITEMS)) * 3), items, keys, pairs)

"""Slices, deletions, sorting and searches of a list that other threads change: errors are fine, anything else is not."""
import threading

items = list(range(50))
stop = False
wrong = []


def churn():
    for i in range(400):
        items.append(i)
        if len(items) > 60:
            items.pop(0)


def attempt(action):
    while not stop:
        try:
            action()
        except (IndexError, ValueError):
            pass
        except BaseException as error:
            wrong.append(repr(error))
            return


def assign():
    items[-1] = 7
    items[2:5] = [1, 2]


def delete():
    del items[-1]
    del items[1:3]


def search():
    items.remove(7)
    items.index(3)
    items.count(3)


def order():
    sorted(items)
    items.reverse()
    items[::2]
    items + items


workers = [threading.Thread(target=attempt, args=(action,)) for action in (assign, delete, search, order)]
churners = [threading.Thread(target=churn) for _ in range(2)]
for t in workers + churners:
    t.start()
for t in churners:
    t.join()
stop = True
for t in workers:
    t.join()
print(wrong, all(isinstance(item, int) for item in items))

"""Threads set attributes of one instance, and new ones at that, while others change the class."""
import threading


class Thing:
    def value(self):
        return 1


thing = Thing()


def attributes(me):
    for i in range(60):
        setattr(thing, "a%d_%d" % (me, i), i)
        setattr(thing, "common", me)


def methods():
    for i in range(60):
        Thing.value = lambda self, i=i: i
        Thing.other = i


seen = []


def call():
    for _ in range(200):
        seen.append(thing.value())


threads = [threading.Thread(target=attributes, args=(me,)) for me in range(3)]
threads += [threading.Thread(target=methods), threading.Thread(target=call)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(all(getattr(thing, "a%d_%d" % (me, i)) == i for me in range(3) for i in range(60)))
print(thing.common in (0, 1, 2), Thing.other, thing.value(), len(seen), set(seen) <= set(range(60)))

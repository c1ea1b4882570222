"""`threading.local`: each thread has its own, which goes when the thread does."""
import threading
import weakref


class Thing:
    pass


local = threading.local()
local.x = "main"
refs = []


def work(me):
    print(hasattr(local, "x"))
    local.x = me
    thing = local.thing = Thing()
    refs.append(weakref.ref(thing))
    del thing
    print(local.x)


for me in range(3):
    t = threading.Thread(target=work, args=(me,))
    t.start()
    t.join()
print(local.x, [ref() for ref in refs])

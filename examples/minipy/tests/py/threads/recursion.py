"""Deep recursion is an exception in every thread."""
import threading


def deep(n):
    return deep(n + 1) + 1


class Nested:
    def __init__(self, inner):
        self.inner = inner

    def __repr__(self):
        return "<%r>" % (self.inner,)


def work():
    try:
        deep(0)
    except RecursionError as error:
        print(type(error).__name__)
    thing = None
    for _ in range(3000):
        thing = Nested(thing)
    try:
        repr(thing)
    except RecursionError as error:
        print(type(error).__name__)


work()
t = threading.Thread(target=work)
t.start()
t.join()

import math
import threading
import weakref
from queue import Queue


def function():
    return __name__


class Class:
    name = __name__

    def method(self):
        return __name__


def main():
    print("runs as", __name__)


print(function(), Class.name, Class().method(), [__name__ for _ in "x"], (lambda: __name__)())
print(function.__name__, function.__module__, Class.__name__, Class.__module__, Class.method.__name__, Class().method.__name__)
print(main.__qualname__, Class.method.__qualname__, (x for x in "").__name__, (lambda: 0).__name__)
print(math.__name__, threading.__name__, weakref.__name__)
print(threading.Thread.__module__, threading.Thread.__name__, Queue.__module__, threading.current_thread.__module__)
print(int.__name__, len.__name__, [].append.__name__, ValueError.__name__, type(None).__name__, type.__name__)
print("__name__" in globals(), "__name__" in dir())
__name__ = "changed"
print(function(), type("New", (), {}).__name__)
__name__ = "__main__"

if __name__ == "__main__":
    main()

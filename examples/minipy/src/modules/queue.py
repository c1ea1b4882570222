import time as _time
import threading as _threading


class Empty(Exception):
    pass


class Full(Exception):
    pass


class Queue:
    def __init__(self, maxsize=0):
        self.maxsize = maxsize
        self._init()
        self._mutex = _threading.Lock()
        self._not_empty = _threading.Condition(self._mutex)
        self._not_full = _threading.Condition(self._mutex)
        self._all_done = _threading.Condition(self._mutex)
        self._unfinished = 0

    # First in, first out: a list to put into, and one to take from that is in reverse.

    def _init(self):
        self._back = []
        self._front = []

    def _size(self):
        return len(self._back) + len(self._front)

    def _put(self, item):
        self._back.append(item)

    def _get(self):
        if not self._front:
            self._back.reverse()
            self._front, self._back = self._back, self._front
        return self._front.pop()

    def _wait(self, condition, ready, block, timeout, error):
        if not block:
            if not ready():
                raise error
        elif timeout is None:
            while not ready():
                condition.wait()
        elif timeout < 0:
            raise ValueError("'timeout' must be a non-negative number")
        else:
            end = _time.monotonic() + timeout
            while not ready():
                left = end - _time.monotonic()
                if left <= 0:
                    raise error
                condition.wait(left)

    def put(self, item, block=True, timeout=None):
        with self._not_full:
            if self.maxsize > 0:
                self._wait(self._not_full, lambda: self._size() < self.maxsize, block, timeout, Full)
            self._put(item)
            self._unfinished += 1
            self._not_empty.notify()

    def get(self, block=True, timeout=None):
        with self._not_empty:
            self._wait(self._not_empty, self._size, block, timeout, Empty)
            item = self._get()
            self._not_full.notify()
            return item

    def put_nowait(self, item):
        self.put(item, False)

    def get_nowait(self):
        return self.get(False)

    def qsize(self):
        with self._mutex:
            return self._size()

    def empty(self):
        with self._mutex:
            return not self._size()

    def full(self):
        with self._mutex:
            return 0 < self.maxsize <= self._size()

    def task_done(self):
        with self._all_done:
            unfinished = self._unfinished - 1
            if unfinished < 0:
                raise ValueError("task_done() called too many times")
            self._unfinished = unfinished
            if unfinished == 0:
                self._all_done.notify_all()

    def join(self):
        with self._all_done:
            while self._unfinished:
                self._all_done.wait()


class LifoQueue(Queue):
    def _init(self):
        self._items = []

    def _size(self):
        return len(self._items)

    def _put(self, item):
        self._items.append(item)

    def _get(self):
        return self._items.pop()


class SimpleQueue(Queue):
    pass

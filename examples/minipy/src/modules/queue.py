import time as _time
import threading as _threading


class Empty(Exception):
    pass


class Full(Exception):
    pass


class Queue:
    def __init__(self, maxsize=0):
        self.maxsize = maxsize
        self._items = []
        self._lock = _threading.Lock()
        self._unfinished = 0

    def _put(self, item):
        self._items.append(item)

    def _get(self):
        return self._items.pop(0)

    def _wait(self, ready, block, timeout, error):
        """Takes the lock when `ready` says that there is something to do."""
        end = None if timeout is None else _time.monotonic() + timeout
        pause = 0.00005
        while True:
            self._lock.acquire()
            if ready():
                return
            self._lock.release()
            if not block or end is not None and _time.monotonic() >= end:
                raise error
            _time.sleep(pause)
            pause = min(pause * 2, 0.005)

    def put(self, item, block=True, timeout=None):
        self._wait(lambda: self.maxsize <= 0 or len(self._items) < self.maxsize, block, timeout, Full)
        try:
            self._put(item)
            self._unfinished += 1
        finally:
            self._lock.release()

    def get(self, block=True, timeout=None):
        self._wait(lambda: self._items, block, timeout, Empty)
        try:
            return self._get()
        finally:
            self._lock.release()

    def put_nowait(self, item):
        self.put(item, False)

    def get_nowait(self):
        return self.get(False)

    def qsize(self):
        return len(self._items)

    def empty(self):
        return not self._items

    def full(self):
        return 0 < self.maxsize <= len(self._items)

    def task_done(self):
        with self._lock:
            if self._unfinished <= 0:
                raise ValueError("task_done() called too many times")
            self._unfinished -= 1

    def join(self):
        while self._unfinished:
            _time.sleep(0.0005)


class LifoQueue(Queue):
    def _get(self):
        return self._items.pop()


SimpleQueue = Queue

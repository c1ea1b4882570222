import time as _time


class Condition:
    """Waits by looking again: good enough for the few threads of an example."""

    def __init__(self, lock=None):
        self._lock = lock if lock is not None else RLock()
        self._generation = 0
        self._tickets = 0

    def acquire(self, *args):
        return self._lock.acquire(*args)

    def release(self):
        self._lock.release()

    def __enter__(self):
        return self._lock.acquire()

    def __exit__(self, *args):
        self._lock.release()

    def wait(self, timeout=None):
        generation = self._generation
        end = None if timeout is None else _time.monotonic() + timeout
        pause = 0.00005
        while True:
            self._lock.release()
            _time.sleep(pause)
            self._lock.acquire()
            if self._generation != generation or self._tickets > 0:
                if self._tickets > 0:
                    self._tickets -= 1
                return True
            if end is not None and _time.monotonic() >= end:
                return False
            pause = min(pause * 2, 0.005)

    def wait_for(self, predicate, timeout=None):
        end = None if timeout is None else _time.monotonic() + timeout
        while not predicate():
            if end is not None and _time.monotonic() >= end:
                return predicate()
            self.wait(0.005)
        return True

    def notify(self, n=1):
        self._tickets += n

    def notify_all(self):
        self._generation += 1


class Event:
    def __init__(self):
        self._flag = False

    def is_set(self):
        return self._flag

    def set(self):
        self._flag = True

    def clear(self):
        self._flag = False

    def wait(self, timeout=None):
        end = None if timeout is None else _time.monotonic() + timeout
        pause = 0.00005
        while not self._flag:
            if end is not None and _time.monotonic() >= end:
                break
            _time.sleep(pause)
            pause = min(pause * 2, 0.005)
        return self._flag


class Thread:
    _count = 0

    def __init__(self, group=None, target=None, name=None, args=(), kwargs=None, daemon=None):
        Thread._count += 1
        self._target = target
        self._args = args
        self._kwargs = kwargs or {}
        self.name = name or "Thread-%d" % Thread._count
        self.daemon = bool(daemon)
        self.ident = None
        self._started = False
        self._done = Event()

    def run(self):
        if self._target is not None:
            self._target(*self._args, **self._kwargs)

    def _main(self):
        self.ident = get_ident()
        _current[self.ident] = self
        try:
            self.run()
        finally:
            del _current[self.ident]
            self._done.set()

    def start(self):
        if self._started:
            raise RuntimeError("threads can only be started once")
        _start_new_thread(self._main, ())
        self._started = True

    def join(self, timeout=None):
        if not self._started:
            raise RuntimeError("cannot join thread before it is started")
        self._done.wait(timeout)

    def is_alive(self):
        return self._started and not self._done.is_set()


class _MainThread(Thread):
    def __init__(self):
        self.name = "MainThread"
        self.daemon = False
        self.ident = get_ident()
        self._started = True
        self._done = Event()


_main_thread = _MainThread()
_current = {_main_thread.ident: _main_thread}


def current_thread():
    return _current[get_ident()]


def main_thread():
    return _main_thread


def active_count():
    return len(_current)


def enumerate():
    return list(_current.values())

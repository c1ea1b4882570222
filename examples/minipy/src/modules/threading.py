import time as _time


class Condition:
    def __init__(self, lock=None):
        self._lock = lock if lock is not None else RLock()
        self.acquire = self._lock.acquire
        self.release = self._lock.release
        self._waiters = []

    def __enter__(self):
        return self._lock.__enter__()

    def __exit__(self, *args):
        self._lock.release()

    def wait(self, timeout=None):
        if not self._lock._is_owned():
            raise RuntimeError("cannot wait on un-acquired lock")
        # Each who waits has a lock of its own, which is released to wake it.
        waiter = Lock()
        waiter.acquire()
        self._waiters.append(waiter)
        saved = self._lock._release_save()
        woken = False
        try:
            if timeout is None:
                woken = waiter.acquire()
            elif timeout > 0:
                woken = waiter.acquire(True, timeout)
            else:
                woken = waiter.acquire(False)
            return woken
        finally:
            self._lock._acquire_restore(saved)
            if not woken and waiter in self._waiters:
                self._waiters.remove(waiter)

    def wait_for(self, predicate, timeout=None):
        end = None if timeout is None else _time.monotonic() + timeout
        result = predicate()
        while not result:
            left = None
            if end is not None:
                left = end - _time.monotonic()
                if left <= 0:
                    break
            self.wait(left)
            result = predicate()
        return result

    def notify(self, n=1):
        if not self._lock._is_owned():
            raise RuntimeError("cannot notify on un-acquired lock")
        while self._waiters and n > 0:
            self._waiters.pop(0).release()
            n -= 1

    def notify_all(self):
        self.notify(len(self._waiters))


class Event:
    def __init__(self):
        self._condition = Condition(Lock())
        self._flag = False

    def is_set(self):
        return self._flag

    def set(self):
        with self._condition:
            self._flag = True
            self._condition.notify_all()

    def clear(self):
        with self._condition:
            self._flag = False

    def wait(self, timeout=None):
        with self._condition:
            flag = self._flag
            if not flag:
                flag = self._condition.wait(timeout)
            return flag


class Semaphore:
    def __init__(self, value=1):
        if value < 0:
            raise ValueError("semaphore initial value must be >= 0")
        self._condition = Condition(Lock())
        self._value = value

    def acquire(self, blocking=True, timeout=None):
        if not blocking and timeout is not None:
            raise ValueError("can't specify timeout for non-blocking acquire")
        with self._condition:
            if not blocking:
                timeout = 0
            if not self._condition.wait_for(lambda: self._value > 0, timeout):
                return False
            self._value -= 1
            return True

    def __enter__(self):
        return self.acquire()

    def release(self, n=1):
        if n < 1:
            raise ValueError("n must be one or more")
        with self._condition:
            self._value += n
            self._condition.notify(n)

    def __exit__(self, *args):
        self.release()


class BoundedSemaphore(Semaphore):
    def __init__(self, value=1):
        super().__init__(value)
        self._initial = value

    def release(self, n=1):
        if self._value + n > self._initial:
            raise ValueError("Semaphore released too many times")
        super().release(n)


_active = {}
_counter = 0
_counter_lock = Lock()


def _new_name(target):
    global _counter
    with _counter_lock:
        _counter += 1
        number = _counter
    if target is not None and hasattr(target, "__name__"):
        return "Thread-%d (%s)" % (number, target.__name__)
    return "Thread-%d" % number


class Thread:
    def __init__(self, group=None, target=None, name=None, args=(), kwargs=None, *, daemon=None):
        self._target = target
        self._args = args
        self._kwargs = {} if kwargs is None else kwargs
        self.name = _new_name(target) if name is None else str(name)
        self.daemon = current_thread().daemon if daemon is None else bool(daemon)
        self.ident = None
        self._handle = None
        self._started = Event()
        self._ended = False

    def run(self):
        try:
            if self._target is not None:
                self._target(*self._args, **self._kwargs)
        finally:
            # They may refer to the thread.
            del self._target, self._args, self._kwargs

    def _main(self):
        try:
            self.ident = get_ident()
            _active[self.ident] = self
            self._started.set()
            try:
                self.run()
            except:
                _invoke_excepthook(self)
        finally:
            _active.pop(self.ident, None)
            self._ended = True

    def start(self):
        if self._started.is_set() or self._handle is not None:
            raise RuntimeError("threads can only be started once")
        self._handle = _start(self._main, self.daemon)
        self._started.wait()

    def join(self, timeout=None):
        if not self._started.is_set():
            raise RuntimeError("cannot join thread before it is started")
        if self._handle is None or self is current_thread():
            raise RuntimeError("cannot join current thread")
        self._handle.join(timeout)

    def is_alive(self):
        return self._started.is_set() and not self._ended

    @property
    def native_id(self):
        return self.ident

    def __repr__(self):
        state = "initial" if not self._started.is_set() else "stopped" if self._ended else "started"
        if self.daemon:
            state += " daemon"
        if self.ident is not None:
            state += " %d" % self.ident
        return "<%s(%s, %s)>" % (self.__class__.__name__, self.name, state)


class _Present(Thread):
    """A thread that runs already: the main thread, or one that `_thread` has started."""

    def __init__(self, name, ident, daemon):
        self.name = name
        self.daemon = daemon
        self.ident = ident
        self._handle = None
        self._started = Event()
        self._started.set()
        self._ended = False


class _MainThread(_Present):
    pass


class _DummyThread(_Present):
    pass


_main_thread = _MainThread("MainThread", _main_ident, False)
_active[_main_ident] = _main_thread


def current_thread():
    ident = get_ident()
    thread = _active.get(ident)
    if thread is None:
        thread = _active[ident] = _DummyThread(_new_name(None).replace("Thread", "Dummy"), ident, True)
    return thread


def main_thread():
    return _main_thread


def active_count():
    return len(_active)


def enumerate():
    return list(_active.values())

import threading
import time

nan, inf = float("nan"), float("inf")


def attempt(function, *args, **kwargs):
    try:
        print(function(*args, **kwargs))
    except (ValueError, OverflowError) as error:
        print(type(error).__name__, error)


lock, reentrant, event = threading.Lock(), threading.RLock(), threading.Event()
condition, semaphore = threading.Condition(), threading.Semaphore(0)
lock.acquire()
for length in (nan, inf, -inf, 1e30, -2.0):
    attempt(time.sleep, length)
    attempt(lock.acquire, timeout=length)
    attempt(lock.acquire, True, length)
    attempt(reentrant.acquire, True, length)
for length in (inf, 1e30):
    attempt(event.wait, length)
attempt(lock.acquire, False)
attempt(lock.acquire, True, 0)
attempt(lock.acquire, False, 1)
attempt(time.sleep, 0)

"""What one must not do with threads, and what they say of themselves."""
import threading
import _thread
import time

t = threading.Thread(target=print, args=("hello", "there"), kwargs={"sep": "-"})
print(t.name, t.daemon, t.is_alive(), t.ident)
for action in (t.join, lambda: threading.current_thread().join()):
    try:
        action()
    except RuntimeError as error:
        print(error)
t.start()
t.join()
try:
    t.start()
except RuntimeError as error:
    print(error)
print(t.is_alive(), t.ident is not None, threading.active_count())


class Sub(threading.Thread):
    def __init__(self, n):
        super().__init__(name="sub", daemon=True)
        self.n = n

    def run(self):
        self.result = (self.n * 2, threading.current_thread() is self, threading.current_thread().daemon)


s = Sub(21)
s.start()
s.join()
print(s.name, s.result, threading.main_thread().name)

lock = _thread.allocate_lock()
lock.acquire()
_thread.start_new_thread(lambda text, lock: (print(text), lock.release()), ("low", lock))
print(lock.acquire(True, 10))

event = threading.Event()
waiter = threading.Thread(target=event.wait, args=(10,))
waiter.start()
print(waiter.join(0.01), waiter.is_alive())
event.set()
waiter.join()
print(waiter.is_alive())

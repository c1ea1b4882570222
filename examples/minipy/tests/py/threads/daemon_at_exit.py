"""Threads that are not daemons are waited for; daemons are not, and stop."""
import threading
import time


def forever():
    while True:
        time.sleep(0.001)


def busy():
    n = 0
    while True:
        n += 1


said = threading.Event()


def later():
    said.wait()
    print("the last word")


for target in (forever, busy):
    threading.Thread(target=target, daemon=True).start()
threading.Thread(target=threading.Lock().__enter__, daemon=True).start()
blocked = threading.Lock()
blocked.acquire()
threading.Thread(target=blocked.acquire, daemon=True).start()
threading.Thread(target=later).start()
print("the main thread ends")
said.set()

import threading
l = threading.Lock()
print(l.acquire(), l.locked(), l.acquire(blocking=False), l.acquire(timeout=0.01))
l.release()
print(l.locked())
with l:
    print(l.locked())
try:
    l.release()
except RuntimeError as e:
    print(e)
r = threading.RLock()
with r:
    with r:
        print("nested")

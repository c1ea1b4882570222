import queue
q = queue.Queue(2)
q.put(1); q.put(2)
print(q.qsize(), q.full(), q.get(), q.get(), q.empty())
try:
    q.get_nowait()
except queue.Empty:
    print("Empty")
q.put(1); q.put(2)
try:
    q.put(3, timeout=0.01)
except queue.Full:
    print("Full")
s = queue.LifoQueue()
s.put(1); s.put(2)
print(s.get())

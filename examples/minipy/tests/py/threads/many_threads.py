"""Many threads one after the other, and many at once."""
import threading

done = []
for i in range(60):
    t = threading.Thread(target=done.append, args=(i,))
    t.start()
    if i % 2:
        t.join()
threads = [threading.Thread(target=lambda: done.append([len(done)])) for _ in range(20)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(len(done), sorted(i for i in done if isinstance(i, int)) == list(range(60)))

import time
a = time.perf_counter()
time.sleep(0.01)
b = time.perf_counter()
print(b - a >= 0.009, time.monotonic() > 0, time.time() > 1e9)

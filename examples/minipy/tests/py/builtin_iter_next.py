it = iter([1, 2])
print(next(it), next(it), next(it, "end"))
try:
    next(it)
except StopIteration:
    print("stop")
n = 0
def f():
    global n
    n += 1
    return n
print(list(iter(f, 4)))

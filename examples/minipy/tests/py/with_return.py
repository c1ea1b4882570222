class CM:
    def __enter__(self): return self
    def __exit__(self, *a): print("exit", a[0] is None)
def f():
    with CM():
        return "value"
def g():
    for i in range(3):
        with CM():
            if i == 1:
                break
    return i
print(f(), g())

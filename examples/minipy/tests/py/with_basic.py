class CM:
    def __init__(self, n): self.n = n
    def __enter__(self):
        print("enter", self.n)
        return self.n
    def __exit__(self, t, v, tb):
        print("exit", self.n, t.__name__ if t else None, v)
        return self.n == 2
with CM(1) as x:
    print("body", x)
with CM(2):
    raise ValueError("swallowed")
try:
    with CM(3):
        raise ValueError("passed")
except ValueError as e:
    print("caught", e)
with CM(4) as a, CM(5) as b:
    print(a, b)

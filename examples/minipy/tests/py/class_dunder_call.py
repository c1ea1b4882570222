class Adder:
    def __init__(self, n): self.n = n
    def __call__(self, x, *args, k=0): return self.n + x + sum(args) + k
add5 = Adder(5)
print(add5(1), add5(1, 2, 3, k=10), callable(add5), list(map(add5, [1, 2])))

class N:
    def __init__(self, n): self.n = n
    def __eq__(self, o): return self.n == o.n
    def __lt__(self, o): return self.n < o.n
    def __le__(self, o): return self.n <= o.n
    def __gt__(self, o): return self.n > o.n
    def __ge__(self, o): return self.n >= o.n
    def __repr__(self): return str(self.n)
print(N(1) == N(1), N(1) != N(1), N(1) < N(2), N(2) <= N(1), N(3) > N(1), N(1) >= N(1), sorted([N(3), N(1), N(2)]), max(N(1), N(5)))
try:
    {N(1): 1}
except TypeError as e:
    print(e)

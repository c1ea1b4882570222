class Seq:
    def __init__(self, n): self.n = n
    def __getitem__(self, i):
        if i >= self.n:
            raise IndexError
        return i * i
    def __len__(self): return self.n
print(list(Seq(4)), 9 in Seq(4), 5 in Seq(4), list(reversed(Seq(3))), [x for x in Seq(2)])

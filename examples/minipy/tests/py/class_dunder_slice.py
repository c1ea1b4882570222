class S:
    def __getitem__(self, k): return k
s = S()
print(s[1:2], s[::3], s[1, 2], s[:], s["x"])
x = s[1:5:2]
print(x.start, x.stop, x.step, x.indices(4))

class C:
    def __init__(self): self.d = {}
    def __len__(self): return len(self.d)
    def __getitem__(self, k): return self.d[k]
    def __setitem__(self, k, v): self.d[k] = v
    def __delitem__(self, k): del self.d[k]
    def __contains__(self, k): return k in self.d
    def __iter__(self): return iter(self.d)
    def __reversed__(self): return reversed(list(self.d))
c = C()
print(bool(c))
c["a"] = 1
c["b"] = 2
c["a"] += 5
print(len(c), c["a"], "a" in c, "z" in c, list(c), list(reversed(c)), bool(c), [*c])
del c["a"]
print(list(c))

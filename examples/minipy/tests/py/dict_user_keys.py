class K:
    def __init__(self, x):
        self.x = x
    def __hash__(self):
        return self.x % 3
    def __eq__(self, other):
        return isinstance(other, K) and self.x == other.x
    def __repr__(self):
        return "K%d" % self.x
d = {K(i): i for i in range(20)}
print(d[K(7)], K(30) in d, len(d), d.pop(K(3)), len(d), {K(1), K(1), K(4)})

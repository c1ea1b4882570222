import weakref
class A:
    def __init__(self, n): self.n = n
d = weakref.WeakValueDictionary()
a, b = A(1), A(2)
d["a"], d["b"] = a, b
print(len(d), d["a"].n, "a" in d, sorted(d.keys()), d.get("z"))
del a
print(len(d), "a" in d, list(d.items())[0][0])
try:
    d["a"]
except KeyError as e:
    print("KeyError", e)
del b
print(len(d), list(d))

class D(dict):
    def __missing__(self, k): return "missing " + k
    def __setitem__(self, k, v): super().__setitem__(k, v * 2)
d = D(a=1)
d["b"] = 5
print(d, d["a"], d["b"], d["zz"], len(d), "a" in d, d.get("q"), sorted(d.items()), isinstance(d, dict), {**d})

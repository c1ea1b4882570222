d = {"a": 1, "b": 2}
d["c"] = 3
print(d, d["a"], len(d), "a" in d, "z" in d, d.get("z"), d.get("z", 0), list(d), list(d.keys()), list(d.values()), list(d.items()))
del d["a"]
print(d, d.pop("b"), d, d.pop("q", "default"))

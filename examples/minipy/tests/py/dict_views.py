d = {"a": 1, "b": 2}
k, v, i = d.keys(), d.values(), d.items()
d["c"] = 3
print(k, v, i, len(k), "a" in k, ("b", 2) in i, sorted(k & {"a", "z"}), sorted(k | {"q"}), k == {"a", "b", "c"})

d = {"a": 1}
print(d.setdefault("a", 5), d.setdefault("b", 6), d)
d.update({"c": 3}, e=5)
d.update([("f", 6)])
print(d, d.popitem(), d.copy() == d, dict.fromkeys("ab", 0), dict(x=1, y=2), dict([(1, 2)]), d | {"z": 1})
d.clear()
print(d)

s = {3, 1, 2}
s.add(4)
s.discard(9)
s.remove(1)
print(sorted(s), len(s), 3 in s, 1 in s, set(), sorted(set("hello")), {1, 1.0, True})
try:
    s.remove(99)
except KeyError as e:
    print("KeyError", e)

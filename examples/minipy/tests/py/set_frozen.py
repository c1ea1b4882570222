f = frozenset([1, 2])
print(sorted(f), {f: "x"}[frozenset([2, 1])], f | {3} == frozenset([1, 2, 3]), hash(f) == hash(frozenset([2, 1])))
try:
    f.add(3)
except AttributeError as e:
    print(e)
try:
    {set()}
except TypeError as e:
    print(e)

# Making an iterator may run a collection, and that may run a callback which changes the container. It has changed before the
# iteration, not during it.
import gc
import weakref


class Node:
    pass


refs = []


def arm(change):
    gc.disable()
    node = Node()
    node.me = node
    refs.append(weakref.ref(node, lambda _: change()))
    del node
    gc.enable()


def check(name, container, use, of=None):
    over = container if of is None else of
    for grow in (True, False):
        if isinstance(container, dict):
            change = (lambda: container.update(new="new")) if grow else (lambda: container.pop("new", None))
        else:
            change = (lambda: container.add("new")) if grow else (lambda: container.discard("new"))
        arm(change)
        try:
            use(over)
        except RuntimeError as error:
            print(name, grow, "RuntimeError:", error)
        else:
            print(name, grow, "fine")


def first(iterable):
    for item in iterable:
        return item


def whole(iterable):
    count = 0
    for _ in iterable:
        count += 1
    return count


d = {"a": "1", "b": "2"}
s = {"a", "b"}
gc.collect()
gc.set_threshold(1)
for name, use in [
    ("iter", lambda x: next(iter(x))),
    ("first", first),
    ("whole", whole),
    ("list", list),
    ("tuple", tuple),
    ("sorted", sorted),
    ("set", set),
    ("join", lambda x: " ".join(x)),
    ("star", lambda x: [*x]),
    ("max", max),
    ("any", any),
    ("comprehension", lambda x: [k for k in x if k == "b"]),
    ("in", lambda x: "b" in x),
    ("copy", lambda x: x.copy()),
    ("equal", lambda x: x == x.copy()),
    ("repr", repr),
]:
    check(name, d, use)
    check(name, s, use)
for name, view in [("keys", d.keys()), ("values", d.values()), ("items", d.items())]:
    check(name, d, lambda x: next(iter(x)), view)
    check(name, d, first, view)
for name, use in [
    ("reversed", lambda x: next(reversed(x))),
    ("double star", lambda x: {**x}),
    ("dict", dict),
    ("update", lambda x: {}.update(x)),
    ("or", lambda x: x | {"c": "3"}),
]:
    check(name, d, use)
for name, use in [("union", lambda x: x | {"c"}), ("less", lambda x: x <= {"a", "b"}), ("minus", lambda x: x - {"a"})]:
    check(name, s, use)

# A dictionary whose values go while one looks at them.
nodes = weakref.WeakValueDictionary()
kept = []
for at in range(200):
    node = Node()
    node.me = node
    node.at = at
    nodes[at] = node
    if at % 3 == 0:
        kept.append(node)
    del node
print(sum(at for at in nodes.keys() if at % 3 == 0))
print(sum(value.at for value in nodes.values() if value.at % 3 == 0))
print(sum(key for key, value in nodes.items() if value.at % 3 == 0))


# The attributes of a function are made when the first is set.
def function():
    pass


arm(lambda: setattr(function, "early", 1))
function.late = 2
print(function.late)
gc.collect()
print(function.early, function.late)

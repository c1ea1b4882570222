# What nests deeper than the stack is an error.
def attempt(name, function):
    try:
        print(name, function())
    except (RecursionError, TypeError) as error:
        print(name, type(error).__name__)


classes = ()
items, other = [], []
for _ in range(20000):
    classes = (classes, int)
    items, other = [items], [other]
attempt("isinstance", lambda: isinstance("a", classes))
attempt("repr", lambda: len(repr(items)))
attempt("equal", lambda: items == other)
attempt("less", lambda: items < other)

def twice(f):
    def g(*args):
        return f(f(*args))
    return g
@twice
def inc(x):
    return x + 1
print(inc(5))
def tag(name):
    def wrap(f):
        return lambda *a: name + str(f(*a))
    return wrap
@tag("A")
@tag("B")
def h(x):
    return x
print(h(1))

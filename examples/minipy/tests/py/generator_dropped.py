def g():
    try:
        yield 1
    finally:
        print("cleanup")
def f():
    for x in g():
        print(x)
        break
    print("after loop")
f()
it = g()
next(it)
it = None
print("end")

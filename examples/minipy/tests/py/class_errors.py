class A: pass
for f in (lambda: A(1), lambda: A().x, lambda: A.x, lambda: A()(), lambda: A()[0], lambda: len(A()), lambda: A() + 1, lambda: -A(), lambda: iter(A()), lambda: next(A())):
    try:
        f()
    except (TypeError, AttributeError) as e:
        print(type(e).__name__, e)

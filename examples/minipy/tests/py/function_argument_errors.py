def f(a, b, c=1):
    pass
for call in (lambda: f(), lambda: f(1), lambda: f(1, 2, 3, 4), lambda: f(1, 2, d=5), lambda: f(1, a=2), lambda: f(1, 2, 3, c=4)):
    try:
        call()
    except TypeError as e:
        print(e)

add = lambda a, b=10: a + b
print(add(1), add(1, 2), (lambda *a: a)(1, 2), (lambda: None)(), sorted([3, 1], key=lambda x: -x))

A = type("A", (), {"x": 5, "f": lambda self: self.x + 1})
print(A().f(), A.__name__, type(A()) is A)

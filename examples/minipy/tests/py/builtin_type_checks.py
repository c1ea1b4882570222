print(isinstance(1, int), isinstance(True, int), isinstance("a", (int, str)), issubclass(bool, int), type(1) is int, type("a").__name__, callable(len), callable(1), isinstance(None, type(None)))
print(type([]), type(None), type(print).__name__, type(lambda: 0).__name__, type(type))

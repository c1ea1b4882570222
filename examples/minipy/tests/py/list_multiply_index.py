class I:
    def __index__(self):
        return 2
a = [1, 2, 3]
print(a[I()], a * I(), "ab" * I(), list(range(I())))

class A:
    def __init__(self):
        self.x = 1
    def __getattribute__(self, name):
        if name == "magic":
            return 42
        return object.__getattribute__(self, name)
a = A()
print(a.magic, a.x)

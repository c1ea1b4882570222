class A:
    def __setattr__(self, name, value):
        print("set", name, value)
        object.__setattr__(self, name, value * 2)
    def __delattr__(self, name):
        print("del", name)
        super().__delattr__(name)
a = A()
a.x = 5
print(a.x)
del a.x
print(hasattr(a, "x"))

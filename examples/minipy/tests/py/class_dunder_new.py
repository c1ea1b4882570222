class S:
    instance = None
    def __new__(cls, *args):
        if cls.instance is None:
            cls.instance = super().__new__(cls)
        return cls.instance
    def __init__(self, x=0):
        self.x = x
a = S(1)
b = S(2)
print(a is b, a.x)

class Outer:
    class Inner:
        def hi(self): return "hi"
    x = Inner().hi()
print(Outer.x, Outer.Inner().hi(), Outer.Inner.__qualname__)
def make(n):
    class Local:
        value = n
        def get(self): return n + self.value
    return Local
print(make(3)().get(), make(4).value)

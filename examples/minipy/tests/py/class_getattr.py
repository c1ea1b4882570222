class A:
    x = 1
    def __getattr__(self, name):
        if name.startswith("auto_"):
            return name[5:]
        raise AttributeError("no " + name)
a = A()
print(a.x, a.auto_foo, hasattr(a, "bar"))
try:
    a.bar
except AttributeError as e:
    print(e)

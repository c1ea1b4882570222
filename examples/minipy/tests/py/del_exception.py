class A:
    def __del__(self): print("del")
def f():
    a = A()
    raise ValueError("x")
try:
    f()
except ValueError:
    print("handler")
print("after")

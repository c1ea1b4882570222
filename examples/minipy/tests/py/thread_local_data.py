import threading
d = threading.local()
d.x = 5
print(d.x, hasattr(d, "y"))
try:
    d.y
except AttributeError as e:
    print("AttributeError")

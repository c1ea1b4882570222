import weakref
class A: pass
a = A()
f = weakref.finalize(a, print, "finalized", 1)
print(f.alive)
del a
print(f.alive, f())
b = A()
g = weakref.finalize(b, print, "explicit")
g()
g()
c = A()
h = weakref.finalize(c, print, "detached")
print(h.detach()[1] is print)
del b, c
d = A()
weakref.finalize(d, print, "at exit")
print("end")

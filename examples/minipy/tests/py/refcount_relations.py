import sys
class A: pass
a = A()
n = sys.getrefcount(a)
b = a
c = [a, a]
print(sys.getrefcount(a) - n)
del b
c.clear()
print(sys.getrefcount(a) - n)

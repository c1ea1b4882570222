class A:
    n = 1
    def f(self): return ("A.f", type(self).__name__)
    @classmethod
    def c(cls): return ("A.c", cls.__name__)
    @staticmethod
    def s(): return "A.s"
class B(A):
    n = 2
    def f(self): return ("B.f", super().f())
def sites(o, *args):
    return o.n, o.f(*args), o.c(), o.s()
def plain(o):
    return o.c(), o.s(), o.n
for _ in range(3):
    for x in (A, B, A(), B()):
        print(plain(x), sites(x, A()) if isinstance(x, type) else sites(x))
b = B()
b.c = lambda: "own"
b.n = "own n"
print(plain(b), plain(B), plain(B()))
B.n = 5
print(plain(b), plain(B), plain(B()))

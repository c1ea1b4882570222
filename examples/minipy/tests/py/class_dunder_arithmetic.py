class V:
    def __init__(self, x): self.x = x
    def __add__(self, o): return V(self.x + (o.x if isinstance(o, V) else o))
    def __radd__(self, o): return V(o + self.x)
    def __sub__(self, o): return V(self.x - o.x)
    def __mul__(self, k): return V(self.x * k)
    __rmul__ = __mul__
    def __neg__(self): return V(-self.x)
    def __truediv__(self, k): return V(self.x / k)
    def __floordiv__(self, k): return V(self.x // k)
    def __mod__(self, k): return V(self.x % k)
    def __pow__(self, k): return V(self.x ** k)
    def __abs__(self): return V(abs(self.x))
    def __invert__(self): return "inv"
    def __and__(self, o): return "and"
    def __or__(self, o): return "or"
    def __xor__(self, o): return "xor"
    def __lshift__(self, o): return "lsh"
    def __rshift__(self, o): return "rsh"
    def __matmul__(self, o): return "mat"
    def __repr__(self): return "V(%r)" % self.x
a, b = V(3), V(4)
print(a + b, a + 1, 1 + a, a - b, a * 2, 2 * a, -a, a / 2, a // 2, a % 2, a ** 2, abs(V(-1)), ~a, a & b, a | b, a ^ b, a << 1, a >> 1, a @ b, sum([a, b]))
try:
    a - 1
except AttributeError as e:
    print(e)

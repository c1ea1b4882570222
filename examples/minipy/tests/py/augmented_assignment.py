x = 10
x += 5; x -= 3; x *= 2; x //= 5; x **= 2; x %= 7; x <<= 3; x |= 1; x ^= 2; x &= 30; x >>= 1
print(x)
x /= 4
print(x)
a = [1, 2]
a[0] += 10
a[-1] *= 3
d = {"k": 1}
d["k"] += 1
print(a, d)
class A:
    n = 0
A.n += 5
o = A()
o.n += 1
print(A.n, o.n)

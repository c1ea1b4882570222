a = [1]
b = a
b.append(2)
c = a[:]
c.append(3)
print(a, b, c, a is b, a == c, a is c)
a += [9]
print(b)

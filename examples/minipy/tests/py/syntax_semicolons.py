x = 1; y = 2; print(x + y)
if x: print("one line")
for i in range(2): print(i)
print((1 +
       2), [
    3,
    4,
])
s = """triple
line"""
print(s)
z = 1 + \
    2
print(z)

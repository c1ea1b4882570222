class A:
    items = [1, 2, 3]
    doubled = [x * 2 for x in items]
print(A.doubled)

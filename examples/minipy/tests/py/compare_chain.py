def f(x):
    print("f", x)
    return x
print(1 < 2 < 3, 1 < 3 < 2, 3 > 2 > 1, 1 == 1 != 2)
print(f(1) < f(2) < f(3), f(3) < f(2) < f(1))

print(float("1.5"), float("-2e3"), float(" 3 "), float("inf"), float("1_0.5"), float(7), float())
try:
    float("x")
except ValueError as e:
    print(e)

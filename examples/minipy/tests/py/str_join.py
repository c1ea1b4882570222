print(",".join(["a", "b"]), "".join([]), "-".join("abc"), ", ".join(str(i) for i in range(3)))
try:
    ",".join([1])
except TypeError as e:
    print(e)

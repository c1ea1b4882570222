print(1, 2, 3, sep="-", end="!\n")
print()
print("a", "b", sep="")
print(None, True, [1, "x"], ("t",), {"k": "v"})

for c in "abc":
    print(c, end=" ")
print()
print(list("xyz"), [c.upper() for c in "xy"], list(enumerate("ab")), "".join(reversed("abc")))

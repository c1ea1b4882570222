print("{} {}".format(1, 2), "{1} {0}".format("a", "b"), "{x} {y}".format(x=1, y=2), "{0[1]} {1.real}".format([1, 2], 3) if False else "skip")
print("{!r} {!s}".format("a", "b"), "{:>10}|{:<10}|{:^10}|{:*^10}".format("r", "l", "c", "s"), "{{}}".format(), "{:{}}".format("w", 5))

print("a b  c".split(), "a,b,,c".split(","), "a,b,c".split(",", 1), "a b c".rsplit(None, 1), "a,b,c".rsplit(",", 1), "".split(), "".split(","))
print("a\nb\nc".splitlines(), "a-b-c".partition("-"), "a-b-c".rpartition("-"), "abc".partition("-"))

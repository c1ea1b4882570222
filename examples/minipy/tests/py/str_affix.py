s = "prefix-body-suffix"
print(s.startswith("pre"), s.endswith("fix"), s.startswith(("x", "pre")), s.removeprefix("prefix-"), s.removesuffix("-suffix"))

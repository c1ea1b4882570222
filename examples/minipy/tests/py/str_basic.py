s = "hello"
print(s + " world", s * 3, len(s), s[0], s[-1], s[1:3], s[::-1], s[::2], "ell" in s, "z" not in s)

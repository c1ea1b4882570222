s = "héllo wörld €"
print(len(s), s[1], s[::-1], s.upper(), s.find("w"), s[7:], ord("€"), chr(8364), ascii(s))

print(6 & 3, 6 | 3, 6 ^ 3, 1 << 10, 1024 >> 3, -5 >> 1, -5 & 0xff, ~0)
print((255).bit_length(), (0).bit_length(), (-8).bit_length())
print(True & False, True | False, True ^ True, True & 3)

print(hex(255), oct(8), bin(5), hex(-255), format(255, "x"), format(255, "#X"), format(1234567, ","), format(5, "05d"))
print("{:+d} {: d} {:<6d}| {:^6d}| {:>6d}|".format(5, 5, 5, 5, 5))

print("|" + "x".ljust(5) + "|" + "x".rjust(5) + "|" + "x".center(5) + "|" + "ab".center(5, "*") + "|" + "7".zfill(3) + "|" + "-7".zfill(4))

print(True + True, True == 1, False == 0, not 0, not [], not "x", bool(""), bool([0]), bool(0.0), bool(None))
print(1 and 2, 0 and 2, 1 or 2, 0 or 2, None or "x", [] or {} or 5)

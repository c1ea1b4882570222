print(int(3.7), int(-3.7), int(True), int(), int(1e10))

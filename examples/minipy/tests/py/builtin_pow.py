print(pow(2, 10), pow(3, 4, 5), pow(2, -1), pow(-3, 3, 7))

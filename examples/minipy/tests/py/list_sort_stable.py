data = [("a", 1), ("b", 0), ("c", 1), ("d", 0)]
print(sorted(data, key=lambda p: p[1]), sorted(data, key=lambda p: p[1], reverse=True))

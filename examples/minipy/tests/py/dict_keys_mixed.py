d = {1: "int", 1.0: "float", True: "bool", "1": "str", None: "none", (1, 2): "tuple"}
print(d, d[1], d[True], len(d))

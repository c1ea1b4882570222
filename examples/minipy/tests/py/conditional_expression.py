print("yes" if 1 else "no", "yes" if 0 else "no", (1 if False else 2 if False else 3))

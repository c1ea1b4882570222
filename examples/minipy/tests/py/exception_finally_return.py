def f():
    try:
        return "try"
    finally:
        print("cleanup")
def g():
    try:
        return "try"
    finally:
        return "finally"
def h():
    try:
        raise ValueError
    finally:
        return "swallowed"
def k():
    for i in range(3):
        try:
            if i == 1:
                continue
            if i == 2:
                break
            print("body", i)
        finally:
            print("fin", i)
    return "end"
print(f(), g(), h(), k())

x: int = 5
y: "whatever"
def f(a: int, b: str = "x") -> None:
    z: float = 1.5
    return z
print(x, f(1))

class Point:
    """A point."""
    dim = 2
    def __init__(self, x, y=0):
        self.x = x
        self.y = y
    def norm1(self):
        return abs(self.x) + abs(self.y)
p = Point(3, -4)
print(p.x, p.y, p.norm1(), p.dim, Point.dim, Point.__name__, Point.__doc__, p.__class__ is Point, Point.norm1(p))
p.dim = 5
print(p.dim, Point.dim)

class A:
    def __add__(self, o): return NotImplemented
    def __eq__(self, o): return NotImplemented
    def __lt__(self, o): return NotImplemented
class B:
    def __radd__(self, o): return "B.radd"
    def __gt__(self, o): return "B.gt"
print(A() + B(), A() < B(), A() == 1, A() != 1)
try:
    A() + 1
except TypeError as e:
    print(e)
try:
    A() < 1
except TypeError as e:
    print(e)

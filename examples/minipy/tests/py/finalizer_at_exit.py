class A:
    def __init__(self, n): self.n = n
    def __del__(self): print("del", self.n)
a = A("global")
class Holder: pass
h = Holder()
h.x = A("attribute")
print("end of program")

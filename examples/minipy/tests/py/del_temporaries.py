class A:
    def __init__(self, n): self.n = n
    def __del__(self): print("del", self.n)
    def get(self): return self.n
print(A(1).get())
print(A(2).n + 1)
x = [A(3).n, "x"]
print(x)
if A(4).n > 3:
    print("in if")
for i in [A(5)]:
    print("loop", i.n)
i = None
d = {"k": A(6)}
d["k"] = None
print("replaced")
(A(7), 8)
print("end")

class N:
    def __init__(self, n, next): self.n, self.next = n, next
    def __del__(self): print("del", self.n, end=" ")
head = None
for i in range(5):
    head = N(i, head)
head = None
print()

class N:
    def __init__(self, next): self.next = next
head = None
for i in range(100000):
    head = N(head)
head = None
l = None
for i in range(100000):
    l = [l]
l = None
t = None
for i in range(100000):
    t = (t,)
t = None
d = None
for i in range(100000):
    d = {"k": d}
d = None
print("survived")

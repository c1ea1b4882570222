class A:
    items = []
    count = 0
    def add(self, x):
        self.items.append(x)
        self.count += 1
a, b = A(), A()
a.add(1); b.add(2)
print(a.items, b.items, a.count, A.count)
A.count = 10
print(b.count, A().count)

class Stack(list):
    def push(self, x): self.append(x)
    def peek(self): return self[-1]
s = Stack()
s.push(1); s.push(2)
print(s, len(s), s.peek(), s.pop(), s, isinstance(s, list), s == [1], s + [5], list(s), bool(s), 1 in s)
s.extend([4, 3]); s.sort()
print(s, s[1:], [x * 2 for x in s])
s.attr = "x"
print(s.attr, Stack([1, 2]), sum(Stack([1, 2])))

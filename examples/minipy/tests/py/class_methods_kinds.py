class A:
    n = 0
    @classmethod
    def make(cls, n):
        a = cls()
        a.n = n
        return a
    @staticmethod
    def add(a, b):
        return a + b
    def inst(self):
        return self.n
class B(A):
    pass
print(type(B.make(3)).__name__, B.make(3).n, A.add(1, 2), A().add(3, 4), B.make(5).inst())
m = A.make(7).inst
print(m(), m.__self__.n)

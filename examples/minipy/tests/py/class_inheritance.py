class A:
    def f(self):
        return "A.f"
    def g(self):
        return "A.g " + self.f()
class B(A):
    def f(self):
        return "B.f<" + super().f()
class C(B):
    def f(self):
        return "C.f<" + super(C, self).f()
print(C().g(), isinstance(C(), A), issubclass(C, A), issubclass(A, C), [c.__name__ for c in C.__mro__], C.__bases__, C.__base__)

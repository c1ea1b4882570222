class A:
    def __del__(self): print("A.del")
class B(A): pass
class C(A):
    def __del__(self):
        print("C.del")
        super().__del__()
B()
C()

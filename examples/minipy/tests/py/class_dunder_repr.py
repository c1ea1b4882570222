class A:
    def __repr__(self):
        return "A()"
class B:
    def __str__(self):
        return "B str"
    def __repr__(self):
        return "B repr"
print(A(), str(A()), [A()], B(), [B()], f"{B()} {B()!r}", "%s %r" % (B(), B()), "{!r}".format(B()))
class C:
    def __str__(self):
        return 5
try:
    str(C())
except TypeError as e:
    print(e)

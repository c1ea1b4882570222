class Base:
    subs = []
    def __init_subclass__(cls, **kw):
        Base.subs.append((cls.__name__, kw))
class A(Base): pass
class B(A, tag=1): pass
print(Base.subs)

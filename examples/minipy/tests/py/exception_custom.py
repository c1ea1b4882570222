class MyError(Exception):
    def __init__(self, code, msg="default"):
        super().__init__(msg)
        self.code = code
class Sub(MyError):
    def __str__(self):
        return "Sub:%s" % self.code
try:
    raise MyError(5)
except MyError as e:
    print(e, e.code, e.args)
try:
    raise Sub(7, "x")
except MyError as e:
    print(e, repr(e), e.args)
class NoInit(ValueError): pass
try:
    raise NoInit("a", 2)
except ValueError as e:
    print(repr(e), e)

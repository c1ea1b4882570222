class A:
    def __init__(self): self.log = []
    def __del__(self): print("log", self.log)
a = A()
a.log.append(1)
del a

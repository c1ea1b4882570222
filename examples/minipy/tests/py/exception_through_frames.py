def a(): b()
def b(): c()
def c(): raise RuntimeError("deep")
try:
    a()
except RuntimeError as e:
    print(e, e.__traceback__ is not None)

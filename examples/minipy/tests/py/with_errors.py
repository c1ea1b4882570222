class A: pass
try:
    with A():
        pass
except TypeError as e:
    print(e)

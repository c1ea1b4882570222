x = 1
def f():
    try:
        print(x)
    except UnboundLocalError as e:
        print(e)
    x = 2
f()
def g():
    y = 1
    del y
    try:
        y
    except UnboundLocalError as e:
        print(e)
g()

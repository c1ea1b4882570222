def f(x):
    try:
        print("try")
        if x:
            raise ValueError(x)
    except ValueError:
        print("except")
    else:
        print("else")
    finally:
        print("finally")
f(0)
f(1)

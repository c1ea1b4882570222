for a, b in ((IndexError, LookupError), (KeyError, LookupError), (ZeroDivisionError, ArithmeticError), (RecursionError, RuntimeError), (NotImplementedError, RuntimeError), (ModuleNotFoundError, ImportError), (UnboundLocalError, NameError), (StopIteration, Exception), (KeyboardInterrupt, Exception), (SystemExit, BaseException)):
    print(a.__name__, issubclass(a, b))

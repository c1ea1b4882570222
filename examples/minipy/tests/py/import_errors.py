try:
    import no_such_module
except ImportError as e:
    print(type(e).__name__, e)
import math as m, sys
print(m.pi > 3)
try:
    from math import nothing
except ImportError as e:
    print(str(e)[:26])
try:
    m.nothing
except AttributeError as e:
    print(e)

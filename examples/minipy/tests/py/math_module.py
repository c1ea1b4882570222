import math
from math import sqrt, pi as PI
print(sqrt(16), round(PI, 5), math.floor(-1.5), math.ceil(1.2), math.gcd(12, 18), math.factorial(10), math.hypot(3, 4), math.isqrt(17), math.trunc(-2.7), math.copysign(1, -0.0), math.log(math.e), math.log2(8), math.log10(1000), math.inf, math.isnan(math.nan))
for f in (lambda: math.sqrt(-1), lambda: math.log(0), lambda: math.sqrt("x")):
    try:
        f()
    except (ValueError, TypeError) as e:
        print(e)

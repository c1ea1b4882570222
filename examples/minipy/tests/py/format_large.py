# Widths and precisions beyond what a library's own formatting can do.
for spec in ("%.66000f", "%.66000e", "%.66000g", "%#.66000g", "%.66000F", "%.66000E", "%-70000.66000f|", "%070000f", "%+.70000f"):
    for value in (1.5, -0.1, 1e300, 5e-324, float("inf"), float("nan")):
        text = spec % value
        print(spec, value, len(text), text[:20], text[-20:])
for spec in ("%.70000d", "%70000d", "%-70000d|", "%070000d", "%#.70000x", "%70000s|", "%.70000s"):
    text = spec % (12345,)
    print(spec, len(text), text[:12], text[-12:])
for spec in (".66000f", ".66000e", ".66000", ".66000%", "70000", "<70000", "070000", "^70001,.2f", "+.70000f"):
    text = format(1234567.5, spec)
    print(spec, len(text), text[:12], text[-12:])
print(len("{:>{}}".format("x", 70000)), len(f"{'x':70000}"), len(f"{1:070000d}"))
print("%*d|%-*d|%*d|%.*f|%.*f" % (8, 5, 8, 5, -8, 5, 3, 1.5, -3, 1.5))


def attempt(function):
    try:
        print(len(function()))
    except (ValueError, OverflowError) as error:
        print(type(error).__name__, error)


attempt(lambda: "%.2147483648f" % 1.5)
attempt(lambda: "%.99999999999999999999f" % 1.5)
attempt(lambda: "%99999999999999999999d" % 1)
attempt(lambda: "%.2147483648d" % 1)
for value in (1.5, 1, "x"):
    attempt(lambda: format(value, "99999999999999999999"))
    attempt(lambda: format(value, ".99999999999999999999f"))
attempt(lambda: format(1.5, ".2147483648f"))
attempt(lambda: "{:{:{}}}".format(1, 2, 3))
attempt(lambda: ("{:" * 2000 + "}" * 2000).format(*range(4000)))
attempt(lambda: "{:{}}".format(1, 5))

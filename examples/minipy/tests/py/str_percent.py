print("%s %r %d %5d|%-5d|%05d %x %X %o %c %%" % ("s", "r", 42, 42, 42, 42, 255, 255, 8, "c"))
print("%(a)s and %(b)d" % {"a": "x", "b": 3}, "%s" % (1, ) , "%s" % [1, 2], "%*d" % (5, 42), "%.3s|" % "abcdef", "%+d" % 5)
for bad in (lambda: "%d" % "x", lambda: "%s %s" % 1, lambda: "%s" % (1, 2)):
    try:
        bad()
    except TypeError as e:
        print(e)

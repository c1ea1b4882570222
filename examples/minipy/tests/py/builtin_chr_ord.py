print(ord("a"), chr(97), [chr(ord("a") + i) for i in range(3)])
for f in (lambda: ord("ab"), lambda: chr(-1), lambda: ord(5)):
    try:
        f()
    except (TypeError, ValueError) as e:
        print(e)

print(int("42"), int("-17"), int(" 5 "), int("ff", 16), int("0x1f", 16), int("1010", 2), int("0b11", 0), int("1_000"))
for text in ("", "abc", "1.5", "0x", "1__0"):
    try:
        print(int(text))
    except ValueError as e:
        print(e)

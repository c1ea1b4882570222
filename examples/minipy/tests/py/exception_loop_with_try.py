total = 0
for x in ["1", "x", "3", None]:
    try:
        total += int(x)
    except ValueError:
        print("skip", x)
        continue
    except TypeError:
        print("stop")
        break
    finally:
        print("done", x)
print(total)

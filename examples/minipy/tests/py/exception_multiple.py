for x in (ValueError, KeyError, TypeError):
    try:
        raise x("m")
    except (ValueError, KeyError) as e:
        print("first", type(e).__name__)
    except Exception as e:
        print("second", type(e).__name__)
try:
    raise IndexError
except:
    print("bare")

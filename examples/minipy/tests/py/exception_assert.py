assert True
try:
    assert 1 == 2, "message"
except AssertionError as e:
    print("AssertionError", e)
try:
    assert []
except AssertionError as e:
    print(repr(e))

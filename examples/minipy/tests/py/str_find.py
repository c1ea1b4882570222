s = "hello hello"
print(s.find("l"), s.rfind("l"), s.find("z"), s.index("o"), s.count("l"), s.find("h", 1), s.find("l", 4, 9))
try:
    s.index("z")
except ValueError as e:
    print(e)

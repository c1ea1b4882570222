print("a" < "b", "abc" == "abc", "abc" != "abd", "Z" < "a", max("hello"), min("hello"), sorted("hello"))

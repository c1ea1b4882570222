print("Hello World".upper(), "Hello".lower(), "hello world".title(), "hELLO".capitalize(), "Hello".swapcase())

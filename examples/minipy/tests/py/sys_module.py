import sys
print(len(sys.argv) >= 1, sys.maxsize == 9223372036854775807, sys.getrecursionlimit() > 0)
sys.stdout.write("written\n")
sys.setrecursionlimit(500)
print(sys.getrecursionlimit())
sys.setswitchinterval(0.001)
print(sys.getswitchinterval())
try:
    sys.setswitchinterval(0)
except ValueError as e:
    print(e)

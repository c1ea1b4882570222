import sys
try:
    sys.exit(3)
except SystemExit as e:
    print("exit", e.code)
print("bye")
sys.exit(7)

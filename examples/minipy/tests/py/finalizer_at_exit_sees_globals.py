class Counter:
    alive = 0
    def __init__(self):
        Counter.alive += 1
    def __del__(self):
        Counter.alive -= 1
        print("alive", Counter.alive, len([1, 2]), helper())
def helper():
    return "helper"
a = Counter()
b = Counter()
b.me = b
print("end")

from_queue = []
def task(name, n):
    for i in range(n):
        print(name, i)
        yield
def run(tasks):
    while tasks:
        t = tasks.pop(0)
        try:
            next(t)
            tasks.append(t)
        except StopIteration:
            pass
run([task("a", 2), task("b", 3), task("c", 1)])

"""Coroutines on generators: an event loop with tasks, timers (in simulated time), channels and cancellation."""


class Cancelled(Exception):
    pass


class Task:
    def __init__(self, loop, coroutine, name):
        self.loop = loop
        self.coroutine = coroutine
        self.name = name
        self.done = False
        self.result = None
        self.error = None
        self.waiters = []

    def step(self, value=None, error=None):
        try:
            wait = self.coroutine.throw(error) if error is not None else self.coroutine.send(value)
        except StopIteration as stop:
            self.finish(stop.value, None)
        except Exception as e:
            self.finish(None, e)
        else:
            wait(self)

    def finish(self, result, error):
        self.done, self.result, self.error = True, result, error
        for waiter in self.waiters:
            self.loop.soon(waiter, result, error)
        self.waiters = []

    def cancel(self):
        if not self.done:
            self.loop.soon(self, None, Cancelled(self.name))


class Loop:
    def __init__(self):
        self.ready = []
        self.timers = []
        self.now = 0
        self.sequence = 0

    def soon(self, task, value=None, error=None):
        self.ready.append((task, value, error))

    def spawn(self, coroutine, name):
        task = Task(self, coroutine, name)
        self.soon(task)
        return task

    def run(self):
        while self.ready or self.timers:
            if not self.ready:
                self.timers.sort(key=lambda timer: timer[:2])
                self.now, _, task = self.timers.pop(0)
                if not task.done:
                    self.soon(task)
                continue
            task, value, error = self.ready.pop(0)
            if not task.done:
                task.step(value, error)


def sleep(loop, ticks):
    def wait(task):
        loop.sequence += 1
        loop.timers.append((loop.now + ticks, loop.sequence, task))

    yield wait


def join(task):
    if not task.done:
        return (yield task.waiters.append)
    if task.error is not None:
        raise task.error
    return task.result


class Channel:
    def __init__(self, loop):
        self.loop = loop
        self.items = []
        self.takers = []

    def put(self, item):
        if self.takers:
            self.loop.soon(self.takers.pop(0), item)
        else:
            self.items.append(item)

    def get(self):
        if self.items:
            return self.items.pop(0)
        return (yield self.takers.append)


def producer(loop, channel, count):
    for i in range(count):
        yield from sleep(loop, 3)
        print(f"{loop.now:3}: put {i}")
        channel.put(i)
    channel.put(None)
    return count


def consumer(loop, channel):
    total = 0
    while (item := (yield from channel.get())) is not None:
        print(f"{loop.now:3}: got {item}")
        yield from sleep(loop, 2)
        total += item
    return total


def failing(loop):
    yield from sleep(loop, 4)
    raise ValueError("broken")


def forever(loop):
    try:
        while True:
            yield from sleep(loop, 5)
            print(f"{loop.now:3}: tick")
    except Cancelled as e:
        print(f"{loop.now:3}: cancelled {e}")
    finally:
        print(f"{loop.now:3}: cleaned up")


def main(loop):
    channel = Channel(loop)
    ticker = loop.spawn(forever(loop), "ticker")
    made = loop.spawn(producer(loop, channel, 4), "producer")
    used = loop.spawn(consumer(loop, channel), "consumer")
    bad = loop.spawn(failing(loop), "failing")
    try:
        yield from join(bad)
    except ValueError as e:
        print(f"{loop.now:3}: main caught {e}")
    print("made", (yield from join(made)), "used", (yield from join(used)))
    ticker.cancel()
    return "end"


loop = Loop()
task = loop.spawn(main(loop), "main")
loop.run()
print(task.result, loop.now)

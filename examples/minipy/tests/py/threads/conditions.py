"""Conditions, events, semaphores."""
import threading

condition = threading.Condition()
turn = 0
order = []


def play(me, rounds):
    global turn
    for _ in range(rounds):
        with condition:
            condition.wait_for(lambda: turn == me)
            order.append(me)
            turn = (turn + 1) % 3
            condition.notify_all()


threads = [threading.Thread(target=play, args=(me, 10)) for me in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(order == [0, 1, 2] * 10)

event, ready = threading.Event(), threading.Semaphore(0)
woken = []


def wait():
    ready.release()
    woken.append(event.wait(10))


threads = [threading.Thread(target=wait) for _ in range(3)]
for t in threads:
    t.start()
for _ in threads:
    ready.acquire()
event.set()
for t in threads:
    t.join()
print(woken, condition.acquire(timeout=1), condition.release())
with threading.RLock() as held:
    print(held)
try:
    condition.wait()
except RuntimeError as error:
    print(error)
bounded = threading.BoundedSemaphore(1)
with bounded:
    print(bounded.acquire(blocking=False))
try:
    bounded.release()
except ValueError as error:
    print(error)

"""An exception that nobody catches ends its thread, and no more."""
import sys
import threading


def fail():
    raise ValueError("in a thread")


def leave():
    sys.exit(3)


for target in (fail, leave):
    t = threading.Thread(target=target)
    t.start()
    t.join()
    print(t.is_alive())

log = []
threading.excepthook = lambda args: log.append((args.exc_type.__name__, str(args.exc_value), args.thread.name))
t = threading.Thread(target=fail, name="failing")
t.start()
t.join()
print(log)

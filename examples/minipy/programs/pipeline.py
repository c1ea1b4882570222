"""A pipeline of generators: nothing is kept but what is on its way."""


def numbers():
    n = 2
    while True:
        yield n
        n += 1


def sieve(source):
    while True:
        prime = next(source)
        yield prime
        source = (n for n in source if n % prime)


def take(source, count):
    for _ in range(count):
        yield next(source)


def words(text):
    for line in text.splitlines():
        yield from line.split()


def count(source):
    counts = {}
    for word in source:
        counts[word] = counts.get(word, 0) + 1
    return counts


def average():
    total = 0.0
    seen = 0
    value = yield
    while value is not None:
        total += value
        seen += 1
        value = yield total / seen
    return total


def collector(results):
    while True:
        results.append((yield from average()))


def windows(source, size):
    window = []
    try:
        for item in source:
            window.append(item)
            if len(window) == size:
                yield tuple(window)
                window.pop(0)
    finally:
        print("windows closed with", window)


text = """the quick brown fox jumps over the lazy dog
the dog sleeps and the fox runs"""

print(list(take(sieve(numbers()), 30)))
print(sorted(count(w for w in words(text) if len(w) > 2).items(), key=lambda p: (-p[1], p[0])))
results = []
c = collector(results)
next(c)
print([c.send(x) for x in (1, 2, 6)], c.send(None), c.send(10), results)
c.close()
w = windows(take(sieve(numbers()), 10), 3)
print(next(w), next(w))
del w
print(list(windows(iter("abcd"), 2)))

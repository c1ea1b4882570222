import random
r = random.Random(42)
print([r.randint(0, 100) for _ in range(5)], r.random(), r.choice("abc"), r.randrange(0, 50, 5), r.uniform(1, 2), r.getrandbits(10))
random.seed(7)
xs = list(range(10))
random.shuffle(xs)
print(xs, random.random())
random.seed(7)
print(random.random() != random.random())

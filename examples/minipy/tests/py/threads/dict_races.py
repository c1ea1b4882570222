"""Iterating over a dict and a set that other threads change, and classes that they make."""
import threading

table = {i: str(i) for i in range(20)}
some = set(range(20))
wrong = []


def churn(me):
    for i in range(150):
        table[me * 1000 + i] = str(i)
        table.pop(me * 1000 + i - 5, None)
        some.add(i)
        some.discard(i - 3)
        table.update({i % 20: "x"})


def look():
    for _ in range(60):
        try:
            for key, value in table.items():
                if not isinstance(value, str):
                    wrong.append(value)
            sorted(some)
            table.copy()
            str(table)
        except RuntimeError as error:
            if "changed size" not in str(error):
                wrong.append(repr(error))


def make_classes():
    for i in range(30):
        class Local:
            size = i

            def get(self):
                return self.size + super().__init__.__name__.count("_") * 0

        if Local().get() != i:
            wrong.append("class")


threads = [threading.Thread(target=churn, args=(me,)) for me in range(2)]
threads += [threading.Thread(target=look) for _ in range(2)]
threads += [threading.Thread(target=make_classes) for _ in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(wrong)

def numbers(n):
    for i in range(n):
        yield i
def evens(it):
    for x in it:
        if x % 2 == 0:
            yield x
def squares(it):
    return (x * x for x in it)
print(sum(squares(evens(numbers(100)))), list(zip(numbers(3), evens(numbers(10)))))

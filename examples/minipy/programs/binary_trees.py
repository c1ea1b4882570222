"""Binary trees, from the Benchmarks Game: nothing but small objects that come and go."""

import sys


class Tree:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left
        self.right = right


def bottom_up(depth):
    if depth == 0:
        return Tree(None, None)
    depth -= 1
    return Tree(bottom_up(depth), bottom_up(depth))


def check(tree):
    if tree.left is None:
        return 1
    return 1 + check(tree.left) + check(tree.right)


def main(n):
    min_depth = 4
    max_depth = max(min_depth + 2, n)
    stretch = max_depth + 1
    print("stretch tree of depth %d\t check: %d" % (stretch, check(bottom_up(stretch))))
    long_lived = bottom_up(max_depth)
    iterations = 2 ** max_depth
    for depth in range(min_depth, stretch, 2):
        total = 0
        for _ in range(iterations):
            total += check(bottom_up(depth))
        print("%d\t trees of depth %d\t check: %d" % (iterations, depth, total))
        iterations //= 4
    print("long lived tree of depth %d\t check: %d" % (max_depth, check(long_lived)))


main(int(sys.argv[1]) if len(sys.argv) > 1 else 14)

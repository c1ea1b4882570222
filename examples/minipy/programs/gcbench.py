"""GCBench, after Ellis, Kovac and Boehm: trees made from the top down and from the bottom up, beside a tree and an array
that live throughout."""

import sys

MAX_DEPTH = int(sys.argv[1]) if len(sys.argv) > 1 else 14
STRETCH_DEPTH = MAX_DEPTH + 2
LONG_LIVED_DEPTH = MAX_DEPTH
ARRAY_SIZE = 500000
MIN_DEPTH = 4


class Node:
    def __init__(self, left=None, right=None):
        self.left = left
        self.right = right
        self.i = 0
        self.j = 0


def tree_size(depth):
    return (1 << (depth + 1)) - 1


def iterations(depth):
    return 2 * tree_size(STRETCH_DEPTH) // tree_size(depth)


def populate(depth, node):
    if depth <= 0:
        return
    depth -= 1
    node.left = Node()
    node.right = Node()
    populate(depth, node.left)
    populate(depth, node.right)


def make_tree(depth):
    if depth <= 0:
        return Node()
    return Node(make_tree(depth - 1), make_tree(depth - 1))


def check(node):
    count = 1
    if node.left is not None:
        count += check(node.left)
    if node.right is not None:
        count += check(node.right)
    return count


def construct(depth):
    count = iterations(depth)
    nodes = 0
    for _ in range(count):
        root = Node()
        populate(depth, root)
    nodes += check(root)
    for _ in range(count):
        root = make_tree(depth)
    nodes += check(root)
    print("depth", depth, "trees", 2 * count, "nodes in one of each", nodes)


def main():
    root = make_tree(STRETCH_DEPTH)
    print("stretch tree of depth", STRETCH_DEPTH, "nodes", check(root))
    root = None
    long_lived = Node()
    populate(LONG_LIVED_DEPTH, long_lived)
    array = [0.0] * ARRAY_SIZE
    for i in range(1, ARRAY_SIZE // 2):
        array[i] = 1.0 / i
    for depth in range(MIN_DEPTH, MAX_DEPTH + 1, 2):
        construct(depth)
    assert check(long_lived) == tree_size(LONG_LIVED_DEPTH)
    assert array[1000] == 1.0 / 1000
    print("long lived tree", check(long_lived), "array", sum(array) > 13.0)


main()

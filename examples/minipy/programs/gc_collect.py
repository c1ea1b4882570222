"""The collector alone: a million instances in cycles, made while it is off, and then collected."""

import gc
import sys


class Node:
    __slots__ = ("next", "prev")


def link_pair():
    a, b = Node(), Node()
    a.next = b
    b.prev = a
    a.prev = b
    b.next = a


def main(rounds, pairs):
    gc.disable()
    gc.collect()
    for round in range(rounds):
        for _ in range(pairs):
            link_pair()
        found = gc.collect()
        print("round", round, "found", found)
        for _ in range(8):
            assert gc.collect() == 0


main(10, int(sys.argv[1]) if len(sys.argv) > 1 else 50000)

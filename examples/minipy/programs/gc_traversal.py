"""Full collections of a nested heap of lists in which there is no garbage."""

import gc
import sys


def nested(levels, width):
    if levels == 0:
        return [None]
    return [nested(levels - 1, width) for _ in range(width)]


def main(collections):
    gc.disable()
    # a thousand chains of a thousand lists, all in one list
    everything = []
    for _ in range(1000):
        chain = []
        for _ in range(1000):
            chain = [chain, everything]
        everything.append(chain)
    tree = nested(5, 8)
    found = 0
    for _ in range(collections):
        everything.append([])
        found += gc.collect()
    print("lists", len(everything), "tree", len(tree), "found", found)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)

"""A tree whose nodes know their parents. With counts alone it would leak; with weak links it dies at once; with strong
ones the collector finds it."""

import gc
import weakref


class Node:
    alive = 0

    def __init__(self, name, parent=None):
        self.name = name
        self.children = []
        self.parent = parent
        if parent is not None:
            parent.children.append(self)
        Node.alive += 1

    def __del__(self):
        Node.alive -= 1

    def path(self):
        return (self.parent.path() if self.parent else "") + "/" + self.name


class WeakNode(Node):
    def __init__(self, name, parent=None):
        super().__init__(name, parent)
        self.parent = weakref.ref(parent) if parent else None

    def path(self):
        parent = self.parent and self.parent()
        return (parent.path() if parent else "") + "/" + self.name


def grow(kind, depth, parent=None, name="root"):
    node = kind(name, parent)
    if depth:
        for i in range(3):
            grow(kind, depth - 1, node, "%d" % i)
    return node


gc.disable()
for kind in (WeakNode, Node):
    tree = grow(kind, 5)
    print(kind.__name__, "alive", Node.alive, tree.children[1].children[2].path())
    del tree
    print("  after del", Node.alive)
    gc.collect()
    print("  after collect", Node.alive)
leaf = grow(Node, 3).children[0].children[1]
print(leaf.path(), Node.alive)
leaf.parent = None
gc.collect()
print("cut off", Node.alive, "left")

import weakref
class Node:
    def __init__(self, parent=None):
        self.parent = weakref.ref(parent) if parent else None
        self.children = []
        if parent: parent.children.append(self)
    def depth(self):
        p = self.parent and self.parent()
        return 0 if p is None else 1 + p.depth()
    def __del__(self): print("del", end=" ")
root = Node()
leaf = Node(Node(root))
print(leaf.depth())
root = None
print(leaf.depth())
leaf = None
print()

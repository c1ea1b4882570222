class L(list):
    def __len__(self): return 99
    def __getitem__(self, i): return "item%d" % i
l = L([1, 2])
print(len(l), l[0], list.__len__(l))

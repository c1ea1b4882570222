import gc
target = ["t"]
holder = [target]
d = {"k": target}
found = gc.get_referrers(target)
print(any(x is holder for x in found), any(x is d for x in found))

a = [1]
a.append(a)
print(a, a[1] is a)
t = ([],)
t[0].append(t)
print(t)

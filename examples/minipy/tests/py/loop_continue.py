print([x for x in range(5)])
for i in range(5):
    if i % 2:
        continue
    for j in range(3):
        if j == 1:
            continue
        if j == 2:
            break
        print(i, j)

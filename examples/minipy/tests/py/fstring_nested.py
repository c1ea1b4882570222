width, value = 10, 3.14159
print(f"{value:{width}.{2}f}|", f"{f'{value:.1f}'}", f"a{'b'}c" "d" f"{1}")

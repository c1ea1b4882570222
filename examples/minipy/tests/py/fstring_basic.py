x, name = 42, "bob"
print(f"x={x} {name!r} {x:>6}|{x:<6}|{x:06d} {3.14159:.2f} {x + 1} {'nested'} {{braces}}")
print(f"{x=} {name=} {x = }", f"{'a' if x > 1 else 'b'}", f"{[i for i in range(3)]}", f"{x:{8}d}|")

print(repr("a\nb\t'c' \"d\" \\ \x00 \x7f é"), repr('it\'s'), repr("both ' and \""))
print("tab\there", "uni\u00e9", "\x41", r"raw\n", "con" "cat")

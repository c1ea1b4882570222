print("a\tb\tc".expandtabs(4), "12\t3".expandtabs())

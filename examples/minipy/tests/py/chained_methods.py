print(" Hello, World ".strip().lower().replace("l", "L").split(","))

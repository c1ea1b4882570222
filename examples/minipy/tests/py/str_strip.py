print(repr("  x ".strip()), repr("  x ".lstrip()), repr("  x ".rstrip()), "xxhixx".strip("x"), "abcba".lstrip("ab"))

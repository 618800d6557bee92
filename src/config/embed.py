"""Prints a C file whose function returns a text file: `config example` is the very file
that stands in config/, not a copy of it.

    embed.py FUNCTION HEADER FILE"""

import sys

function, header, path = sys.argv[1:]
with open(path, "rb") as file:
    content = file.read()
lines = ["".join(f"{byte}," for byte in content[i:i + 24])
         for i in range(0, len(content), 24)]
print(f"#include <{header}>")
print("static const char text[] = {")
print("\n".join(lines))
print("0};")
print(f"const char *{function}(void)")
print("{")
print("    return text;")
print("}")

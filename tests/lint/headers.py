"""Each header compiles alone, and twice in a row.

    headers.py COMPILER INCLUDE-OPTION..."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import lint

FLAGS = ["-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
         "-Wno-unused-function", "-Wno-unused-parameter", "-fsyntax-only", "-x", "c",
         "-I", str(lint.ROOT / "include"), "-I", str(lint.ROOT / "src")]


def compile_text(text):
    done = subprocess.run([*sys.argv[1:], *FLAGS, "-"], input=text, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout if done.returncode else ""


def complaints_about(header):
    name, text = header
    path = name.split("/", 1)[1]
    out = compile_text(f'#include "{path}"\n' * 2)
    return [(name, 1, f"does not compile alone:\n{out}")] if out else []


if __name__ == "__main__":
    if not compile_text("static inline size_t f(void) { return 0; }\n"):
        sys.exit("self-check: the compiler accepts a type that nobody declared")
    headers = list(lint.sources(["include", "src"], [".h"]))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(complaints_about, headers))
    lint.report(complaint for complaints in found for complaint in complaints)

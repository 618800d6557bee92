"""clang-format 14 with the .clang-format of this project would change nothing.

    format.py [CLANG-FORMAT]

Another version lays out differently; without that one the lint is skipped."""

import re
import subprocess
import sys

import lint

WARNING = re.compile(r"(.+?):(\d+):\d+: warning: ")


def complaints(program, *paths, text=None):
    """The first line of each file that would change."""
    done = subprocess.run([program, "--dry-run", *paths], cwd=lint.ROOT, input=text,
                          text=True, stderr=subprocess.PIPE)
    first = {}
    for match in WARNING.finditer(done.stderr):
        first.setdefault(match[1], int(match[2]))
    return [(name, line, "clang-format -i would change this and maybe more")
            for name, line in first.items()]


def skip(why):
    print("skipped:", why)
    sys.exit(lint.SKIPPED)


def main():
    if len(sys.argv) < 2:
        skip("no clang-format here")
    program = sys.argv[1]
    version = subprocess.run([program, "--version"], text=True,
                             stdout=subprocess.PIPE).stdout
    if "version 14." not in version:
        skip(f"this is {version.strip()}, not 14")
    in_disorder = "int  a;\n"
    if not complaints(program, "--assume-filename=src/a.c", text=in_disorder):
        sys.exit("self-check: no complaint about two blanks")
    folders = ["src", "include", "tests", "bench"]
    paths = [name for name, _ in lint.sources(folders, [".c", ".h"])]
    lint.report(complaints(program, *paths))


if __name__ == "__main__":
    main()

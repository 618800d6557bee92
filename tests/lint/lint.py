"""The frame of every lint: prove on samples that it can fail, then read the tree.

A lint is a function check(name, text) that yields (line, message); name is a path
relative to the root of the project, whatever the text really is."""

import os
import pathlib
import sys

SKIPPED = 77  # what meson shows as SKIP
ROOT = pathlib.Path(__file__).resolve().parents[2]


def sources(folders, endings):
    """(name, text) of every file below these folders that ends like that, except what
    was built: a build may hold another release of Debian."""
    for folder in folders:
        for path in sorted(_files(ROOT / folder)):
            if path.name.endswith(tuple(endings)):
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def _files(folder):
    for place, below, names in os.walk(folder):
        if pathlib.Path(place) == ROOT:
            below[:] = [name for name in below if not name.startswith(("build", "."))]
        for name in names:
            yield pathlib.Path(place, name)


def prove(check, bad, good):
    """A lint that cannot complain would pass for ever: it must about each of `bad`,
    and must not about any of `good`."""
    for name, text in bad:
        if not list(check(name, text)):
            sys.exit(f"self-check: no complaint about {name}: {text!r}")
    for name, text in good:
        for _, message in check(name, text):
            sys.exit(f"self-check: wrong complaint about {name}: {message}")


def report(complaints):
    """Prints (name, line, message) as compilers do and ends the program."""
    n = 0
    for name, line, message in complaints:
        print(f"{name}:{line}: {message}")
        n += 1
    print(f"{n} complaints" if n else "clean")
    sys.exit(1 if n else 0)


def run(check, files, bad, good):
    prove(check, bad, good)
    files = list(files)
    if not files:
        sys.exit("nothing to check: wrong root?")
    report((name, line, message)
           for name, text in files for line, message in check(name, text))

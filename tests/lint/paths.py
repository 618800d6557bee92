"""What our pages point to is there: links, and file names between backticks."""

import re

import lint

LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
QUOTED = re.compile(r"`([\w.-]+/[\w./*-]*\.\w+)`")
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
# In a table "output/NAME.c" stands for a file that the reader is about to write.
PLACEHOLDER = re.compile(r"[A-Z]{4}|\*")


def check(name, text):
    here = (lint.ROOT / name).parent
    text = FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), text)
    for number, line in enumerate(text.splitlines(), 1):
        for path in LINK.findall(line):
            if not (here / path).exists():
                yield number, f"no {path} behind this link"
        for path in QUOTED.findall(line):
            if PLACEHOLDER.search(path) or is_ignored(path):
                continue
            if not (here / path).exists() and not (lint.ROOT / path).exists():
                yield number, f"there is no {path}"


def is_ignored(path):
    """Places that appear when somebody builds."""
    return path.startswith("build")


if __name__ == "__main__":
    lint.run(check, lint.sources(["."], [".md"]),
             bad=[("README.md", "[a](nowhere.md)\n"),
                  ("src/README.md", "see `base/nowhere.c`\n")],
             good=[("README.md", "[a](LICENSE), `src/base/buf.h`, "
                                 "[b](https://example.org/x)\n"),
                   ("src/README.md", "`base/buf.h`, `output/NAME.c`\n")])

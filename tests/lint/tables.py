"""The tables of tests/README.md name tests that exist, and leave no requirement out."""

import re

import lint

ROW = re.compile(r"^\| ([RF]?\d+) \|.*\| (.*) \|$")
NAMED = re.compile(r"`([\w/.-]+)(?:::(\w+))?`")
RANGES = [(1, 29), (31, 39), (45, 45), (109, 122), (131, 137), (143, 143),
          (145, 145), (149, 151), (153, 153), (156, 156), (158, 159), (162, 164),
          (166, 167)]
REQUIREMENTS = [f"R{n}" for first, last in RANGES for n in range(first, last + 1)]


def check(name, text):
    seen = set()
    for number, line in enumerate(text.splitlines(), 1):
        row = ROW.match(line)
        if not row:
            continue
        seen.add(row[1])
        named = NAMED.findall(row[2])
        if not named:
            yield number, f"{row[1]} has no test"
        for path, test in named:
            file = lint.ROOT / "tests" / path
            if not file.exists():
                yield number, f"there is no {path}"
            elif test and not re.search(rf"\b{test}\b", file.read_text("utf-8")):
                yield number, f"there is no {test} in {path}"
    for requirement in REQUIREMENTS:
        if requirement not in seen:
            yield 1, f"{requirement} is not in the table"


if __name__ == "__main__":
    rows = "".join(f"| {r} | x | `lint/lint.py` |\n" for r in REQUIREMENTS)
    lint.run(check, lint.sources(["tests"], ["README.md"]),
             bad=[("README.md", rows.replace("| R7 |", "| R700 |")),
                  ("README.md", rows + "| 1 | x | nothing |\n"),
                  ("README.md", rows + "| F1 | x | y | `lint/gone.py` |\n"),
                  ("README.md", rows + "| 1 | x | `lint/nowhere.py` |\n"),
                  ("README.md", rows + "| 1 | x | `lint/lint.py::test_nothing` |\n")],
             good=[("README.md", rows), ("README.md", rows + "| a | b | c |\n")])

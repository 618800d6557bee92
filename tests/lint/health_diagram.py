"""The diagram in src/health/README.md is the table of src/health/state.c.

usage: health_diagram.py PRINTER README; PGCENSUS_UPDATE=1 rewrites the README.
"""

import difflib
import os
import pathlib
import subprocess
import sys

BEGIN = "<!-- printed by tests/lint/health_diagram -->\n```mermaid\n"
END = "```\n<!-- end -->\n"


def main(printer, readme):
    readme = pathlib.Path(readme)
    text = readme.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    drawn, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{readme}: the markers of the diagram are gone")

    printed = subprocess.run(
        [printer], check=True, capture_output=True, text=True
    ).stdout
    if drawn == printed:
        return
    if os.environ.get("PGCENSUS_UPDATE"):
        readme.write_text(before + BEGIN + printed + END + after, encoding="utf-8")
        return
    sys.stdout.writelines(
        difflib.unified_diff(
            drawn.splitlines(True), printed.splitlines(True), str(readme), "state.c"
        )
    )
    sys.exit("the diagram is out of date; PGCENSUS_UPDATE=1 redraws it")


main(*sys.argv[1:])

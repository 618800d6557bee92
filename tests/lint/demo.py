"""The demonstration in README.md is what tools/demo prints, apart from ports and times.

    demo.py PGCENSUS          PGCENSUS_UPDATE=1 rewrites README.md"""

import difflib
import os
import pathlib
import re
import shutil
import subprocess
import sys

import lint

README = lint.ROOT / "README.md"
BEGIN = "<!-- printed by tools/demo -->\n```console\n"
END = "```\n"
CHANGING = [(re.compile(r"/tmp/pgcensus-demo\.\w+"), "/tmp/DEMO"),
            (re.compile(r":\d{4,5}\b"), ":PORT"),
            (re.compile(r"\b\d+(\.\d+)? (ms|s)\b"), "TIME"),
            (re.compile(r"\bcluster \d+"), "cluster N"),
            (re.compile(r" {2,}"), "  ")]


def normalise(text):
    for pattern, word in CHANGING:
        text = pattern.sub(word, text)
    return text.strip().splitlines()


def differences(told, printed):
    return list(difflib.unified_diff(normalise(told), normalise(printed),
                                     "README.md", "tools/demo", lineterm=""))


def prove():
    same = differences("a  1.2 ms  :12345\n", "a    13 ms  :31000\n")
    if same or not differences("=> exit 0\n", "=> exit 2\n"):
        sys.exit("self-check: it cannot tell a verdict from a time")


def skip_without_servers():
    places = os.environ["PATH"].split(":")
    for root in sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin")):
        places.append(str(root))
    for program in ("initdb", "jq"):
        if not shutil.which(program, path=":".join(places)):
            print(f"skipped: no {program} here")
            sys.exit(lint.SKIPPED)


def main(pgcensus):
    prove()
    skip_without_servers()
    before, begin, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    told, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit("README.md: the demonstration is gone")
    done = subprocess.run([lint.ROOT / "tools/demo"], text=True,
                          env={**os.environ, "PGCENSUS": pgcensus, "COLUMNS": "80"},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"tools/demo: exit {done.returncode}")
    printed = done.stdout.strip() + "\n"
    found = differences(told, printed)
    if found and os.environ.get("PGCENSUS_UPDATE"):
        README.write_text(before + BEGIN + printed + END + after, encoding="utf-8")
        return
    print("\n".join(found) or "as README.md says")
    sys.exit(1 if found else 0)


main(os.path.abspath(sys.argv[1]))

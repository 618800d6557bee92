"""Adds up JUnit reports: tally.py PASSED FAILED SKIPPED REPORT...

Names what failed and what was skipped, and why; the last line is the sum.  The three
numbers are counted already.  Exits 1 if anything failed."""

import sys
import xml.etree.ElementTree as ElementTree


def outcome(case):
    for kind in "failure", "error":
        if case.find(kind) is not None:
            return "failed", case.find(kind).get("message") or ""
    skipped = case.find("skipped")
    if skipped is not None:
        return "skipped", skipped.get("message") or ""
    return "passed", ""


def main():
    count = dict(zip(("passed", "failed", "skipped"), map(int, sys.argv[1:4])))
    for report in sys.argv[4:]:
        for case in ElementTree.parse(report).iter("testcase"):
            kind, why = outcome(case)
            count[kind] += 1
            if kind != "passed":
                name = f"{case.get('classname')}: {case.get('name')}"
                print(f"{kind}: {name}", *why.splitlines()[:1], sep="  ")
    print(", ".join(f"{n} {kind}" for kind, n in count.items()))
    return count["failed"] > 0


if __name__ == "__main__":
    sys.exit(main())

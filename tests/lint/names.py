"""A name leads to one place.

    names.py            holds the limits below
    names.py --count    prints all numbers, and where each name that has several places is

A limit is what was reached; it is only ever lowered.
"""

import collections
import re
import sys

import lint

COMMENT_OR_TEXT = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|' r"'(?:\\.|[^'\\\n])*'", re.DOTALL)
DEFINED = re.compile(
    r"^(?P<head>[A-Za-z_][\w \*\n]*?)\b(?P<name>[a-z_]\w*)\((?P<rest>[^;{}]*)\)\n"
    r"\{(?P<body>.*?)^\}", re.DOTALL | re.MULTILINE)
DECLARED = re.compile(r"^(?!static|typedef|#)[A-Za-z_][\w \*\n]*?\b([a-z_]\w*)\(([^;{}]*)\)"
                      r"[^;{}=]*;", re.MULTILINE)
TAG = re.compile(r"\b(?:struct|enum|union)\s+(\w+)\s*\{")
# Words for people.  A struct, a function, a server or a node is none of them.
PEOPLE = re.compile(r"\b(nobody|somebody|anybody|everybody|whoever|whose|whom)\b",
                    re.IGNORECASE)
SHORT = 12


def code_of(text):
    """Without comments and texts, line by line as it was."""
    return COMMENT_OR_TEXT.sub(
        lambda m: "\n" * m[0].count("\n") if m[0][0] == "/" else '""', text)


class House:
    """What is defined where; files: (name, text) pairs."""

    def __init__(self, files):
        self.files = dict(files)
        self.code = {name: code_of(text) for name, text in self.files.items()}
        self.functions = []  # (name, file, is_static, lines)
        self.places = collections.defaultdict(set)  # of functions that others can call
        self.statics = collections.defaultdict(set)
        self.tags = collections.defaultdict(list)
        for file, code in self.code.items():
            self._read(file, code)

    def _read(self, file, code):
        for match in DEFINED.finditer(code):
            static = "static" in match["head"]
            lines = match["body"].count("\n") - 1
            self.functions.append((match["name"], file, static, lines))
            if static and file.endswith(".c"):
                self.statics[match["name"]].add(file)
            elif not static:
                self.places[match["name"]].add(file)
        for tag in TAG.findall(code):
            self.tags[tag].append(file)

    # ---- what a name leads to ----

    def shared_tags(self):
        return {tag: files for tag, files in self.tags.items() if len(files) > 1}

    def shared_statics(self):
        return {name: files for name, files in self.statics.items() if len(files) > 1}

    def shared_files(self):
        stems = collections.defaultdict(list)
        for file in self.files:
            if file.endswith(".c"):
                stems[file.rsplit("/", 1)[1]].append(file)
        return {stem: files for stem, files in stems.items() if len(files) > 1}

    def misplaced(self):
        """(header, function, where it is) and how many were looked at."""
        wrong, n = [], 0
        for file, code in self.code.items():
            if not file.endswith(".h") or file.startswith("include"):
                continue
            folder, stem = file[:-2].rsplit("/", 1)
            stem = re.sub(r"_private$", "", stem)
            for name, _ in DECLARED.findall(code):
                places = self.places.get(name, ())
                if not places:
                    continue
                n += 1
                if not any(is_of(place, folder, stem) for place in places):
                    wrong.append((file, name, sorted(places)[0]))
        return wrong, n

    def small_and_used_once(self):
        uses = {file: collections.Counter(re.findall(r"\b[a-z_]\w*\b", code))
                for file, code in self.code.items()}
        return [(name, file) for name, file, static, lines in self.functions
                if static and file.endswith(".c") and lines <= SHORT
                and uses[file][name] == 2]

    # ---- numbers ----

    def lines(self):
        return sum(text.count("\n") for text in self.files.values())

    def functions_per_1000(self):
        code = sum(1 for code in self.code.values() for line in code.splitlines()
                   if line.strip())
        return 1000 * len(self.functions) / code

    def small_share(self):
        return 100 * len(self.small_and_used_once()) / len(self.functions)

    def statics_shared(self):
        all_of_them = sum(static and file.endswith(".c")
                          for _, file, static, _ in self.functions)
        shared = sum(len(files) for files in self.shared_statics().values())
        return 100 * shared / all_of_them if all_of_them else 0

    def statics_in_three(self):
        return sum(len(files) > 2 for files in self.shared_statics().values())

    def in_place(self):
        wrong, n = self.misplaced()
        return 100 * (n - len(wrong)) / n if n else 100

    def people(self):
        n = sum(len(PEOPLE.findall(text)) for text in self.files.values())
        return 1000 * n / self.lines()


# What is counted, and the most that there may be.
NUMBERS = [
    ("lines of src and include", House.lines, None),
    ("functions per 1000 lines of code", House.functions_per_1000, 70),
    (f"static, used once, {SHORT} lines or less, % of functions", House.small_share, 28.5),
    ("static functions of which another file has the name, too, %",
     House.statics_shared, 10),
    ("names of static functions in three files or more", House.statics_in_three, 12),
    ("tags that stand more than once", lambda house: len(house.shared_tags()), 0),
    ("base names of .c files that stand more than once",
     lambda house: len(house.shared_files()), 0),
    ("declared in x.h and not defined in x.c or x_*.c, %",
     lambda house: 100 - house.in_place(), 2),
    ("words for people per 1000 lines", House.people, 3),
]


def complaints(house):
    for label, count, limit in NUMBERS:
        if limit is not None and count(house) > limit:
            yield f"{count(house):.1f} {label}: more than {limit}"


def prove():
    """Each kind is found where it is, and not where it is not."""
    twice = "struct node {\n    int a;\n};\n\nstatic int take(void)\n{\n    return 1;\n}\n"
    far = "/* struct node { */\nint far_away(int a);\n"
    house = House([("src/a/x.c", twice), ("src/b/x.c", twice), ("src/b/far.h", far),
                   ("src/b/near.c", "int far_away(int a)\n{\n    return take(a);\n}\n")])
    found = (set(house.shared_tags()), set(house.shared_statics()),
             set(house.shared_files()), len(house.misplaced()[0]))
    if found != ({"node"}, {"take"}, {"x.c"}, 1):
        sys.exit(f"self-check: found {found}")
    good = House([("src/a/far_away.c", "int far_away(int a)\n{\n    return a;\n}\n"),
                  ("src/a/far.h", "int far_away(int a); /* of nobody */\n"),
                  ("src/a/other.c", 'static const char *b = "struct node {";\n')])
    if good.shared_tags() or good.shared_statics() or good.misplaced()[0]:
        sys.exit("self-check: complains of what is right")
    if not any("words for people" in text for text in complaints(good)):
        sys.exit("self-check: no complaint of a word for people")


def print_all(house):
    for label, count, limit in NUMBERS:
        print(f"{count(house):10.1f}  {label}" + (f" (limit {limit})" if limit else ""))
    for kind, names in [("tag", house.shared_tags()), ("file", house.shared_files()),
                        ("static", house.shared_statics())]:
        for name, files in sorted(names.items()):
            print(f"{kind} {name}: {' '.join(sorted(files))}")
    for file, name, place in house.misplaced()[0]:
        print(f"place {name}: declared in {file}, defined in {place}")


def main():
    prove()
    house = House(lint.sources(["src", "include"], [".c", ".h"]))
    if sys.argv[1:] == ["--count"]:
        print_all(house)
        return
    lint.report(("src", 0, text) for text in complaints(house))


def is_of(place, folder, stem):
    where, name = place[:-2].rsplit("/", 1)
    return where == folder and (name == stem or name.startswith(stem + "_"))


if __name__ == "__main__":
    main()

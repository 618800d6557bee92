"""The shape of the code: lengths, widths, words, and the switch that the compiler
watches over."""

import re

import lint

MAX_COLUMNS = {".c": 88, ".h": 88, ".def": 88}
MAX_COLUMNS_ELSEWHERE = 100
MAX_LINES = {".c": 600, ".h": 250}  # most have 100 to 400; a machine is one page
MAX_STORIES = 600  # a test is a list of stories about one module, so it may be longer
MAX_FUNCTION = 70
UNEXPLAINED = 150  # a longer .c opens with its idea
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
VAGUE = re.compile(r"(^|[_/])(manager|utils?|helpers?|data|info)[_.]")
LABEL = re.compile(r"\s*case ([A-Z][A-Z0-9_]*):")
# Enumerations of others may grow under us: a default is right there.
FOREIGN = re.compile(r"PGRES_|CONNECTION_|YAML_|CYAML_|EAI_|SIG|E[A-Z0-9]+$")
BODY = re.compile(r"^\{$(.*?)^\}$", re.DOTALL | re.MULTILINE)


def check(name, text):
    ending = name[name.rindex("."):]
    lines = text.splitlines()
    columns = MAX_COLUMNS.get(ending, MAX_COLUMNS_ELSEWHERE)
    for number, line in enumerate(lines, 1):
        if len(line) > columns:
            yield number, f"{len(line)} columns, more than {columns}"
        if line != line.rstrip():
            yield number, "blanks at the end"
        if UNFINISHED.search(line):
            yield number, "unfinished: finish it, or open an issue and say nothing"
    if not text.endswith("\n"):
        yield len(lines), "no newline at the end"
    if ending in MAX_LINES:
        yield from check_c(name, ending, text, lines)


def check_c(name, ending, text, lines):
    if VAGUE.search(name):
        yield 1, "this name would fit anything"
    stories = name.startswith("tests/")
    if "#include <cmocka.h>" in text and name != "tests/test.h":
        yield 1, 'write #include "tests/test.h"'
    for story in re.finditer(r"^static void test_\w+\(void \*\*", text, re.MULTILINE):
        yield line_of(text, story.start()), "a test is called what holds, without test_"
    most = MAX_STORIES if stories else MAX_LINES[ending]
    if len(lines) > most:
        yield len(lines), f"over {most} lines: two ideas in one file"
    long = ending == ".c" and len(lines) > UNEXPLAINED and not stories
    if long and not opens_with_idea(lines):
        yield 1, f"over {UNEXPLAINED} lines: open with the idea, in 3 lines or more"
    for body in BODY.finditer(text):
        length = body[1].count("\n") - 1
        if length > MAX_FUNCTION:
            yield line_of(text, body.start()), f"{length} lines in one body"
    for number, line in enumerate(lines, 1):
        if re.match(r"\s*typedef (struct|union|enum)\b", line):
            yield number, "a struct is called struct"
        if re.match(r"\s*goto ", line):
            yield number, "goto beside AUTO()"
    yield from check_switches(lines)


def opens_with_idea(lines):
    if not lines[0].startswith("/*"):
        return False
    return any("*/" in line for line in lines[2:40]) and "*/" not in lines[0] + lines[1]


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def check_switches(lines):
    """`default:` beside labels of our own enums hides a forgotten state."""
    stack = []  # (indentation, a label of ours seen)
    for number, line in enumerate(lines, 1):
        indent = len(line) - len(line.lstrip())
        while stack and line.strip() and indent < stack[-1][0]:
            stack.pop()
        if re.match(r"\s*switch \(", line):
            stack.append([indent, False])
        label = LABEL.match(line)
        if label and stack and not FOREIGN.match(label[1]):
            stack[-1][1] = True
        if re.match(r"\s*default:", line) and stack and stack[-1][1]:
            yield number, "default: beside our own enum's labels"


FUNCTION = "int f(void)\n{\n%s}\n"

if __name__ == "__main__":
    lint.run(
        check, lint.sources(["src", "include", "tests", "bench", "tools"],
                            [".c", ".h", ".def", ".py", ".sh", ".build", ".mjs"]),
        bad=[("src/a/a.c", "int a;" + " " * 90 + "int b;\n"),
             ("src/a/a.c", "int a; \n"),
             ("src/a/a.c", "int a;"),
             ("src/a/a.c", "/* TO" "DO: later */\n"),
             ("src/a/util.c", "int a;\n"),
             ("src/a/a.c", "int a;\n" * 151),
             ("src/a/a.c", "/* The idea:\n * a\n * b */\n" + "int a;\n" * 600),
             ("src/a/a.c", FUNCTION % ("    a();\n" * 71)),
             ("src/a/a.h", "typedef struct a a;\n"),
             ("tests/a/a.c", "#include <cmocka.h>\n"),
             ("tests/a/a.c", "static void test_a(void **state)\n"),
             ("src/a/a.c", FUNCTION % "    goto out;\n"),
             ("src/a/a.c", FUNCTION % ("    switch (a) {\n    case POOL_IDLE:\n"
                                       "        break;\n    default:\n    }\n"))],
        good=[("src/a/a.c", "/* The idea:\n * a\n * b */\n" + "int a;\n" * 200),
              ("src/a/a.c", FUNCTION % ("    a();\n" * 60)),
              ("src/a/a.c", FUNCTION % ("    switch (a) {\n    case 'x':\n"
                                        "        break;\n    default:\n    }\n")),
              ("src/a/a.c", FUNCTION % ("    switch (a) {\n    case ECONNRESET:\n"
                                        "        break;\n    default:\n    }\n"))])

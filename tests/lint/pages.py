"""Help, man pages and completion say the same, because all come from one table; and
what people wrote around it mentions no option that does not exist.

    pages.py PGCENSUS [SCDOC]"""

import re
import subprocess
import sys

import lint

sys.path.insert(0, str(lint.ROOT / "docs"))
import weave  # noqa: E402

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
PAGES = {"check": "pgcensus-check.1", "query": "pgcensus-query.1",
         "nodes": "pgcensus-nodes.1", "config": "pgcensus-config.1"}


def output(*words):
    return subprocess.run(words, check=True, text=True, stdout=subprocess.PIPE).stdout


def options_of(command):
    return [option for group in command["groups"] for option in group["options"]]


def names_of(command):
    return {"--" + option["name"] for option in options_of(command)}


def check_table(name, command):
    """Nothing is spelled twice, and every help is one phrase."""
    letters = "".join(option["letters"] for option in options_of(command))
    for letter in letters:
        if letters.count(letter) > 1:
            yield name, 1, f"-{letter} means two things"
    if len(names_of(command)) < len(options_of(command)):
        yield name, 1, "a long name means two things"
    for option in options_of(command):
        if not option["help"] or option["help"].endswith("."):
            yield name, 1, f"--{option['name']}: help is a phrase without a full stop"
        if option["detail"] and not option["detail"].endswith("."):
            yield name, 1, f"--{option['name']}: detail is made of sentences"


def check_help(name, command, text):
    """Every option of the table and no other; ASCII in 80 columns."""
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > 80 or not line.isascii():
            yield name, number, f"not ASCII in 80 columns: {line}"
    shown = set(re.findall(r"^ +(?:-\S, )*(--[a-z-]+)", text, re.MULTILINE))
    for option in names_of(command) ^ shown:
        yield name, 1, f"{option} is only in {'help' if option in shown else 'the table'}"


def check_page(name, command, woven):
    """Every option of the table, written as weave writes it."""
    for option in options_of(command):
        if weave.synopsis(option) + "\n" not in woven:
            yield name, 1, f"--{option['name']} has no entry"


def check_prose(name, text, known):
    """No option that no command has."""
    for number, line in enumerate(text.splitlines(), 1):
        for option in OPTION.findall(line.replace("\\", "")):
            if option not in known:
                yield name, number, f"{option} does not exist"


def check_completion(name, commands, script):
    for command in commands.values():
        for option in names_of(command):
            if not re.search(rf"{option}\b|-l {option[2:]}\b", script):
                yield name, 1, f"{command['name']} {option} is not completed"


def prove():
    """Each check complains about what it is there for."""
    option = {"letters": "a", "name": "all", "value": None, "value_optional": False,
              "help": "all of it", "detail": None}
    table = {"name": "x", "groups": [{"options": [option]}]}
    twice = {"name": "x", "groups": [{"options": [option, dict(option, name="any")]}]}
    for complaints in (check_table("x", twice),
                       check_help("x", table, "  -b, --bogus  what\n"),
                       check_help("x", table, "  -a, --all    " + "x" * 80),
                       check_page("x", table, "*-a*\n"),
                       check_prose("x", "use *--bogus*", {"--all"}),
                       check_completion("x", {"x": table}, "--bogus")):
        if not list(complaints):
            sys.exit("self-check: a check did not complain")
    for complaints in (check_table("x", table),
                       check_help("x", table, "  -a, --all    all of it\n"),
                       check_page("x", table, "*-a*, *--all*\n\tAll of it.\n"),
                       check_prose("x", "use *--all*", {"--all"}),
                       check_completion("x", {"x": table}, "--all")):
        for complaint in complaints:
            sys.exit(f"self-check: wrong complaint: {complaint}")


def check_pages(program, commands, scdoc):
    known = set.union(*map(names_of, commands.values()))
    woven = {}
    for path in sorted((lint.ROOT / "docs").glob("*.scd.in")):
        page = path.name.removesuffix(".scd.in")
        text = path.read_text(encoding="utf-8")
        woven[page] = weave.weave(commands, text)
        yield from check_prose(f"docs/{path.name}", text, known)
        if scdoc and subprocess.run([scdoc], input=woven[page], text=True,
                                    stdout=subprocess.DEVNULL).returncode:
            yield f"docs/{path.name}", 1, "scdoc does not understand it"
    for name, command in commands.items():
        yield from check_table(name, command)
        yield from check_help(name, command, output(program, "help", name))
        if name in PAGES:
            yield from check_page(PAGES[name], command, woven[PAGES[name]])
        if not re.search(rf"^\*{name}\*", woven["pgcensus.1"], re.MULTILINE):
            yield "docs/pgcensus.1.scd.in", 1, f"{name} is not mentioned"


def check_shells(program, commands):
    for shell in ("bash", "zsh", "fish"):
        script = output(program, "completion", shell)
        yield from check_completion(f"completion {shell}", commands, script)


def main(program, scdoc=None):
    prove()
    commands = weave.tables(program)
    lint.report([*check_pages(program, commands, scdoc),
                 *check_shells(program, commands)])


main(*sys.argv[1:])

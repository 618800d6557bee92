"""Puts what the tables of the program say into a man page.

    weave.py PGCENSUS PAGE.scd.in > PAGE.scd

A line that begins with @ is replaced:
    @commands                   the list of commands
    @purpose COMMAND            what it is for
    @examples COMMAND           its examples
    @options COMMAND            all its options
    @options COMMAND GROUP      those under one heading of its help"""

import json
import subprocess
import sys


def tables(program):
    """The commands by name, as `pgcensus __options` prints them."""
    done = subprocess.run([program, "__options"], check=True, stdout=subprocess.PIPE)
    return {command["name"]: command for command in json.loads(done.stdout)}


def plain(text):
    """Text of ours for scdoc, in which \\ * and _ mean something."""
    for special in "\\*_":
        text = text.replace(special, "\\" + special)
    return text


def synopsis(option):
    """*-n*, *--node* _GLOB[,...]_"""
    names = [f"*-{letter}*" for letter in option["letters"]]
    names.append(f"*--{option['name']}*")
    line = ", ".join(names)
    if option["value"]:
        value = f"_{option['value']}_"
        line += f"[={value}]" if option["value_optional"] else " " + value
    return line


def sentence(text):
    return text[0].upper() + text[1:] + "."


def weave_option(option):
    yield synopsis(option)
    detail = option["detail"]
    yield f"\t{sentence(plain(option['help']))}{' ' + detail if detail else ''}"
    yield ""


def weave_options(command, title):
    groups = [group for group in command["groups"] if title in ("", group["title"])]
    if not groups:
        sys.exit(f"{command['name']} has no options under \"{title}\"")
    for group in groups:
        if not title:
            yield f"## {group['title']}"
            yield ""
        for option in group["options"]:
            yield from weave_option(option)


def weave_line(commands, line):
    word, _, rest = line[1:].partition(" ")
    name, _, title = rest.partition(" ")
    if word == "commands":
        for command in commands.values():
            yield f"*{command['name']}*{' ' + command['words'] if command['words'] else ''}"
            yield f"\t{sentence(plain(command['summary']))}"
            yield ""
    elif word == "purpose":
        yield plain(commands[name]["purpose"])
    elif word == "examples":
        for example in commands[name]["examples"]:
            yield f"*{plain(example['line'])}*"
            yield f"\t{sentence(plain(example['says']))}"
            yield ""
    elif word == "options":
        yield from weave_options(commands[name], title)
    else:
        sys.exit(f"what is @{word}?")


def weave(commands, text):
    lines = []
    for line in text.splitlines():
        lines += weave_line(commands, line) if line.startswith("@") else [line]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as page:
        sys.stdout.write(weave(tables(sys.argv[1]), page.read()))

"""The output of a monitoring plugin, read as strictly as its guidelines are written.

    plugin = parse(run.text)
    assert plugin.word == "CRITICAL" and plugin.data["pg-a latency"].unit == "s"

https://www.monitoring-plugins.org/doc/guidelines.html"""

import re
from typing import NamedTuple

WORDS = ["OK", "WARNING", "CRITICAL", "UNKNOWN"]
UNITS = ["", "s", "B", "%", "c"]
NUMBER = r"-?\d+(?:\.\d+)?"
FIRST = re.compile(rf"PGCENSUS ({'|'.join(WORDS)}) - ([^|\n]*[^| \n])(?: \|( .*))?")
LABEL = re.compile(r"'((?:[^']|'')*)'=|([^ '=]+)=")
VALUE = re.compile(rf"({NUMBER})([a-zA-Z%]*)((?:;[^; ]*){{0,4}})(?= |$)")
RANGE = re.compile(rf"@?(?:(?:~|{NUMBER}):)?(?:{NUMBER})?")


class Item(NamedTuple):
    value: float
    unit: str
    warn: str
    critical: str
    least: str
    most: str


class Plugin(NamedTuple):
    word: str
    text: str
    data: dict
    lines: list

    @property
    def code(self):
        return WORDS.index(self.word)


def parse(output):
    first, *lines = output.removesuffix("\n").split("\n")
    assert output.endswith("\n"), "the last line does not end"
    match = FIRST.fullmatch(first)
    assert match, f"not the line of a plugin: {first}"
    for line in lines:
        assert line and "|" not in line, f"performance data in the text: {line}"
    return Plugin(match[1], match[2], parse_data(match[3] or ""), lines)


def parse_data(text):
    data = {}
    while text:
        assert text.startswith(" "), f"no blank before {text}"
        label = LABEL.match(text, 1)
        assert label, f"no label: {text}"
        name = label[2] if label[1] is None else label[1].replace("''", "'")
        value = VALUE.match(text, label.end())
        assert value, f"no value: {text}"
        assert name and name not in data, f"{name} is there twice"
        data[name] = item(name, *value.groups())
        text = text[value.end() :]
    return data


def item(name, number, unit, rest):
    assert unit in UNITS, f"{name}: the guidelines have no unit {unit}"
    warn, critical, least, most = (rest[1:].split(";") + [""] * 4)[:4]
    for limit in warn, critical:
        assert RANGE.fullmatch(limit), f"{name}: {limit} is no range"
    for bound in least, most:
        assert re.fullmatch(rf"(?:{NUMBER})?", bound), f"{name}: {bound} is no number"
    assert not least or float(number) >= float(least), f"{name}: below its minimum"
    assert not most or float(number) <= float(most), f"{name}: above its maximum"
    return Item(float(number), unit, warn, critical, least, most)

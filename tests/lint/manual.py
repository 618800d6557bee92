"""pgcensus.yaml(5) has every key of the configuration with its default,
pgcensus-json(7) every key of every document, and pgcensus-check(1) every metric; none
has any other.

    manual.py PGCENSUS"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import lint

YAML_PAGE = "docs/pgcensus.yaml.5.scd.in"
JSON_PAGE = "docs/pgcensus-json.7.scd.in"
SECTIONS = {"version", "defaults", "groups", "nodes", "labels"}  # keys that hold others
CHECK_PAGE = "docs/pgcensus-check.1.scd.in"
KEY_ROW = re.compile(r'^KEY\(\w+, "([a-z_.]+)"', re.MULTILINE)


def definitions(text):
    """The lines of a page that introduce something: what it is stands indented below,
    or the next of several introductions ("++")."""
    lines = text.splitlines() + [""]
    return [line for line, below in zip(lines, lines[1:])
            if line.startswith("*") and (below.startswith("\t") or line.endswith("++"))]


def check_yaml(text, keys, defaults):
    lines = definitions(text)
    named = set(re.findall(r"\*([a-z_.]+)\*", " ".join(lines)))
    for key in sorted((keys | SECTIONS) ^ named):
        yield YAML_PAGE, 1, f"{key} is only in {'the page' if key in named else 'keys.def'}"
    for key, value in defaults.items():
        if not any(line.startswith(f"*{key}* (default: {value})") for line in lines):
            yield YAML_PAGE, 1, f"{key} is {value} by default"


def keys_of(document):
    """All keys in it and below; labels and rows have keys of their own choice."""
    if isinstance(document, list):
        return set().union(*map(keys_of, document))
    if not isinstance(document, dict):
        return set()
    below = [keys_of(value) for key, value in document.items() if key not in ("labels", "rows")]
    return set(document).union(*below)


def check_json(text, documents):
    """Each schema has a section of the page that is called like it."""
    sections = re.split(r"^# (.*)$", text, flags=re.MULTILINE)
    pages = {title.lower(): definitions(body)
             for title, body in zip(sections[1::2], sections[2::2])}
    promised = {}
    for document in documents:
        promised.setdefault(document["schema"], {"schema"}).update(keys_of(document))
    for schema, keys in sorted(promised.items()):
        if schema not in pages:
            yield JSON_PAGE, 1, f"no section on {schema}"
            continue
        named = set(re.findall(r"\*([a-z_]+)\*", " ".join(pages[schema]))) | {"schema"}
        for key in sorted(keys ^ named):
            where = "the page" if key in named else "documents"
            yield JSON_PAGE, 1, f"{schema}: {key} is only in {where}"


def check_metrics(text, expositions):
    named = set(re.findall(r"\*(pgcensus_[a-z_]+)\*", " ".join(definitions(text))))
    written = set(re.findall(r"^# TYPE (\w+)", "\n".join(expositions), re.MULTILINE))
    for name in sorted(named ^ written):
        where = "the page" if name in named else "the metrics"
        yield CHECK_PAGE, 1, f"{name} is only in {where}"


def prove():
    page = "*port* (default: 5432)++\n*a.b*\n\tBoth.\n"
    good = ({"port", "a.b"}, {"port": "5432"})
    sections = "".join(f"*{word}*++\n" for word in SECTIONS)
    document = {"schema": "x/1", "a": [{"b": None, "labels": {"c": 1}}]}
    for complaints in (check_yaml(sections + page, {"port"}, {}),
                       check_yaml(sections + page, {"port", "a.b", "host"}, {}),
                       check_yaml(sections + page, good[0], {"port": "1"}),
                       check_json("# X/1\n*a*: *b*\n\tA.\n", [document]),
                       check_json("# X/1\n*a*: *b*, *labels*, *d*\n\tA.\n", [document]),
                       check_json("# Y/1\n", [document]),
                       check_metrics("*pgcensus_a*{b}\n\tIt.\n", []),
                       check_metrics("", ["# TYPE pgcensus_a gauge"])):
        if not list(complaints):
            sys.exit("self-check: a check did not complain")
    for complaints in (check_yaml(sections + page, *good),
                       check_json("# X/1\n*a*: *b*, *labels*\n\tA.\n", [document])):
        for complaint in complaints:
            sys.exit(f"self-check: wrong complaint: {complaint}")


def builtin_defaults(program):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "config.yaml"
        path.write_text("nodes: [{name: a, host: b, user: c}]\n", encoding="utf-8")
        shown = subprocess.run([program, "config", "show", "--json", "-C", path],
                               check=True, stdout=subprocess.PIPE).stdout
    return {setting["key"]: setting["value"]
            for setting in json.loads(shown)["nodes"][0]["settings"]
            if setting["origin"] == "built-in"}


def main(program):
    prove()
    rows = (lint.ROOT / "src/config/keys.def").read_text(encoding="utf-8")
    expected = lint.sources(["tests/golden/expected"], [".json"])
    metrics = lint.sources(["tests/golden/expected"], [".prom"])
    lint.report([
        *check_yaml((lint.ROOT / YAML_PAGE).read_text(encoding="utf-8"),
                    set(KEY_ROW.findall(rows)), builtin_defaults(program)),
        *check_json((lint.ROOT / JSON_PAGE).read_text(encoding="utf-8"),
                    [json.loads(text) for _, text in expected]),
        *check_metrics((lint.ROOT / CHECK_PAGE).read_text(encoding="utf-8"),
                       [text for _, text in metrics])])


main(sys.argv[1])

"""Every command with every format: the document that it should be, or a usage error
that names the formats which the command can write."""

import csv
import io
import json
import re

import exposition
import perfdata
import pytest
from judge import parse_json

COMMANDS = {
    "check": ["check"],
    "query": ["query", "select 'pg' as word, 7 as n"],
    "nodes": ["nodes"],
    "topology": ["nodes", "--topology"],
    "show": ["config", "show"],
    "config check": ["config", "check"],
    "example": ["config", "example"],
}
ROWS = {"table", "csv", "markdown"}
OF_ALL = ROWS | {"json", "ndjson"}
WRITES = {
    "check": OF_ALL | {"nagios", "prometheus"},
    "query": OF_ALL,
    "nodes": OF_ALL,
    "topology": OF_ALL,
    "show": OF_ALL,
    "config check": {"table", "json", "ndjson"},
    "example": {"table"},
}
SCHEMAS = {
    "check": "pgcensus.check/1",
    "query": "pgcensus.query/1",
    "nodes": "pgcensus.nodes/1",
    "topology": "pgcensus.topology/1",
    "show": "pgcensus.config/1",
    "config check": "pgcensus.diagnostics/1",
}


def is_table(command, run):
    """Neither of the others, and the columns that people know."""
    assert not run.text.startswith(("{", "|", "PGCENSUS", "#")) or command == "example"
    word = {"query": r" node +\| word ", "show": "KEY +VALUE", "config check": ": ok",
            "example": "nodes:"}.get(command, "NODE ")
    assert re.search(word, run.text), run


def is_json(command, run):
    assert run.doc["schema"] == SCHEMAS[command]
    assert run.text.count("\n") == 1


def is_ndjson(command, run):
    documents = [parse_json(line) for line in run.lines]
    if command == "config check":  # there is one at most
        assert [d["schema"] for d in documents] == [SCHEMAS[command]]
        return
    assert documents[0]["node"] == "pg-a"
    if command in ("check", "query", "topology"):
        assert documents[-1]["schema"] == SCHEMAS[command]


def is_csv(command, run):
    check_rows(command, list(csv.reader(io.StringIO(run.text))))


def is_markdown(command, run):
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for line in run.lines]
    assert all(re.fullmatch("---:|:---", cell) for cell in rows[1])
    check_rows(command, rows[:1] + rows[2:])
    numbers = {"check": "port", "query": "n", "nodes": "port", "topology": "timeline",
               "show": "line"}
    assert rows[1][rows[0].index(numbers[command])] == "---:"


def check_rows(command, rows):
    first = {"topology": "cluster"}.get(command, "node")
    assert rows[0][0] == first
    assert all(len(row) == len(rows[0]) for row in rows)
    assert rows[1][rows[0].index("node")] == "pg-a"


def is_nagios(command, run):
    assert perfdata.parse(run.text).code == 0


def is_prometheus(command, run):
    assert exposition.parse(run.text).find("pgcensus_up", node="pg-a") == 1


IS = {
    "table": is_table,
    "json": is_json,
    "ndjson": is_ndjson,
    "csv": is_csv,
    "markdown": is_markdown,
    "nagios": is_nagios,
    "prometheus": is_prometheus,
}


@pytest.fixture(scope="module")
def config(primary):
    return [primary.node("pg-a")]


def test_every_format_is_tested(pgcensus, config):
    """check can write them all, and says so."""
    run = pgcensus("check", "--format", "none-of-them", config=config)
    known = re.search("use (.*)", run.errors)[1]
    assert re.split(", | or ", known) == list(IS)


@pytest.mark.parametrize("form", IS)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_with_every_format(pgcensus, config, command, form):
    run = pgcensus(*COMMANDS[command], "--format", form, config=config)
    if form in WRITES[command]:
        assert run.code == 0
        IS[form](command, run)
        return
    assert run.code == 3
    assert "can write" in run.errors or "cannot write" in run.errors
    known = re.split(", | or ", re.search("use (.*)", run.errors)[1])
    assert set(known) == WRITES[command] | (
        OF_ALL if form in ("nagios", "prometheus") else set())
    if form in ("json", "ndjson"):
        assert json.loads(run.text)["error"]["class"] == "usage"
    else:
        assert run.text == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_help_and_completion_offer_what_can_be_written(pgcensus, command):
    name = COMMANDS[command][0]
    offered = set().union(*(WRITES[c] for c in COMMANDS if COMMANDS[c][0] == name))
    text = " ".join(pgcensus(name, "--help").text.split())
    listed = re.search(r"--format FORMAT write (.*?) --", text)[1]
    listed = re.sub(r" \([^)]*\)", "", listed)
    assert set(re.split(", | or ", listed)) == offered
    script = pgcensus("completion", "bash").text
    row = re.search(rf"\b{name}:--format\) _pgcensus_words '([^']*)'", script)
    assert set(row[1].split()) == offered


def test_markdown_is_a_table_whatever_a_server_says(pgcensus, config):
    run = pgcensus("query", "--format", "markdown",
                   r"select E'a|b\n<b>\\|' as x, 1.50 as n, null as nothing",
                   config=config)
    assert run.lines == [
        "| node | x | n | nothing |",
        "| :--- | :--- | ---: | :--- |",
        r"| pg-a | a\|b<br>\<b\>\\\| | 1.50 |  |",
    ]

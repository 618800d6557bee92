"""--columns and --sort: which columns, in which order, of every table and of its rows."""

import csv
import io
import re

import pytest

NODES = [
    {"name": "pg-10", "host": "127.0.0.1", "group": "b", "labels": ["dc=fra"]},
    {"name": "pg-2", "host": "127.0.0.2", "port": 5433, "enabled": False},
    {"name": "pg-1", "host": "127.0.0.3", "port": 6000, "group": "a"},
]
COMMANDS = {"nodes": ["nodes"], "show": ["config", "show"]}


def rows(run):
    return list(csv.reader(io.StringIO(run.text)))


def column(run):
    return [line.split()[0] for line in run.lines[1:]]


def test_columns_by_name_or_by_heading_in_the_order_given(pgcensus):
    run = pgcensus("nodes", "--columns", "PORT,node,Enabled", config=NODES)
    assert run.lines == [
        "PORT  NODE   ENABLED",
        "5432  pg-10  true",
        "5433  pg-2   false",
        "6000  pg-1   true",
    ]
    run = pgcensus("nodes", "--columns", "labels,NODE", "--csv", config=NODES)
    assert rows(run) == [["labels", "node"], ["dc=fra", "pg-10"], ["", "pg-2"], ["", "pg-1"]]


def test_columns_of_every_layout(pgcensus):
    wanted = ["nodes", "--columns", "node,dbname", "-n", "pg-1"]
    assert pgcensus(*wanted, "-At", config=NODES).text == "pg-1|postgres\n"
    assert pgcensus(*wanted, "-x", config=NODES).lines == [
        "-[ RECORD 1 ]----", "NODE   | pg-1", "DBNAME | postgres"]
    assert pgcensus(*wanted, "--format", "markdown", config=NODES).lines == [
        "| node | dbname |", "| :--- | :--- |", "| pg-1 | postgres |"]
    assert pgcensus(*wanted, "--width", "40", config=NODES).lines == [
        "NODE  DBNAME", "pg-1  postgres"]


@pytest.mark.parametrize(
    "sort, order",
    [
        ("node", ["pg-1", "pg-2", "pg-10"]),
        ("-node", ["pg-10", "pg-2", "pg-1"]),
        ("port", ["pg-10", "pg-2", "pg-1"]),
        ("-PORT", ["pg-1", "pg-2", "pg-10"]),
        ("group", ["pg-1", "pg-10", "pg-2"]),
        ("-group", ["pg-10", "pg-1", "pg-2"]),
        ("dbname,-host", ["pg-1", "pg-2", "pg-10"]),
        ("dbname", ["pg-10", "pg-2", "pg-1"]),
    ],
)
def test_names_are_sorted_as_people_count_and_the_unknown_is_last(pgcensus, sort, order):
    assert column(pgcensus("nodes", "--sort", sort, config=NODES)) == order
    run = pgcensus("nodes", "--sort", sort, "--csv", config=NODES)
    assert [row[0] for row in rows(run)[1:]] == order


def test_settings(pgcensus):
    run = pgcensus("config", "show", "--columns", "key,node,value", "--sort",
                   "key,-node", "--csv", config=NODES)
    found = [row for row in rows(run) if row[0] == "port"]
    assert found == [["port", "pg-10", "5432"], ["port", "pg-2", "5433"],
                     ["port", "pg-1", "6000"]]


@pytest.mark.parametrize("command", COMMANDS.values())
@pytest.mark.parametrize(
    "words, message",
    [
        (["--columns", "nod"], 'unknown column "nod" (did you mean "node"?)'),
        (["--sort", "nod"], 'unknown column "nod" (did you mean "node"?)'),
        (["--columns", "node,,host"], 'unknown column ""'),
        (["--columns", ""], 'unknown column ""'),
        (["--sort", "node,-"], 'unknown column ""'),
        (["--columns", "-node"], 'unknown column "-node"'),
        (["--columns", "node," * 96 + "node"], "more than 96 columns"),
        (["--columns", "\x1b[31m"], r'unknown column "\x1b[31m"'),
        (["--json", "--columns", "node"], "--columns belongs to tables and rows"),
        (["--ndjson", "--sort", "node"], "--sort belongs to tables and rows"),
    ],
)
def test_what_makes_no_sense_is_refused(pgcensus, command, words, message):
    run = pgcensus(*command, *words, config=NODES)
    assert run.code == 3
    assert message in run.errors
    assert re.search("Try 'pgcensus .* --help'", run.errors)


def test_other_actions_of_config_have_no_columns(pgcensus):
    for action in ["check", "example"]:
        run = pgcensus("config", action, "--columns", "node", config=NODES)
        assert run.code == 3 and "belong to config show" in run.errors


def test_columns_that_the_page_names_exist(pgcensus, source):
    page = open(f"{source}/docs/pgcensus-json.7.scd.in").read()
    section = re.search(r"^# COLUMNS\n(.*?)^# ", page, re.DOTALL | re.MULTILINE)[1]
    named = re.findall(r"^\*(pgcensus [a-z -]*)\*\n\t(.*?)\n\n", section, re.DOTALL | re.M)
    assert [command.split()[1:] for command, _ in named] == list(COMMANDS.values())
    for command, columns in named:
        listed = re.sub(r"\s", "", columns).replace("\\", "").rstrip(".")
        run = pgcensus(*command.split()[1:], "--csv", "--columns", listed, config=NODES)
        assert run.errors == ""
        assert rows(run)[0] == listed.split(",")

"""--columns and --sort: which columns, in which order, of every table and of its rows."""

import csv
import io
import re

import pytest
from stage import Refuser

NODES = [
    {"name": "pg-10", "host": "127.0.0.1", "group": "b", "labels": ["dc=fra"]},
    {"name": "pg-2", "host": "127.0.0.2", "port": 5433, "enabled": False},
    {"name": "pg-1", "host": "127.0.0.3", "port": 6000, "group": "a"},
]
COMMANDS = {
    "check": ["check"],
    "nodes": ["nodes"],
    "topology": ["nodes", "--topology"],
    "show": ["config", "show"],
}


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


@pytest.fixture(scope="module")
def fleet(primary, standby):
    refuser = Refuser()
    yield [primary.node("pg-2"), standby.node("pg-10"), refuser.node("pg-1")]
    refuser.close()


def test_a_check_sorted_by_its_worst(pgcensus, fleet):
    run = pgcensus("check", "--sort", "-state,node", "--columns", "node,State,role,error",
                   config=fleet)
    assert [line.split() for line in run.lines[:4]] == [
        ["NODE", "STATE", "ROLE", "ERROR"],
        ["pg-1", "down", "?", "refused"],
        ["pg-2", "ok", "primary", "-"],
        ["pg-10", "ok", "standby", "-"],
    ]
    assert run.lines[4:6][0] == "" and run.lines[5].startswith("3 nodes: 2 ok, 1 down")


def test_a_check_by_latency_has_failures_last(pgcensus, fleet):
    for sort in ["latency_ms", "-latency_ms"]:
        run = pgcensus("check", "--csv", "--sort", sort, config=fleet)
        found = [(row[0], row[6]) for row in rows(run)[1:]]
        assert found[-1] == ("pg-1", "")
        assert sorted(found[:2], key=lambda row: float(row[1]),
                      reverse=sort[0] == "-") == found[:2]


def test_facts_as_columns_say_what_documents_say(pgcensus, fleet):
    names = ("node,timeline,system_identifier,started_at,connections_max,wal_lsn,"
             "replay_lsn,replay_paused,upstream,primary,tls,facts,hostaddr")
    run = pgcensus("check", "--csv", "--columns", names, config=fleet)
    document = pgcensus("check", "--json", config=fleet)
    head, *found = rows(run)
    assert ",".join(head) == names
    for row in found[:2]:
        cells = dict(zip(head, row))
        node = document.node(cells["node"])
        facts, replication = node["facts"], node["facts"]["replication"] or {}
        assert cells["timeline"] == str(facts["timeline"])
        assert cells["system_identifier"] == facts["system_identifier"]
        assert cells["started_at"] == facts["started_at"]
        assert cells["connections_max"] == str(facts["connections"]["max"])
        assert cells["wal_lsn"] == (facts["wal_lsn"] or "")
        assert cells["replay_lsn"] == (replication.get("replay_lsn") or "")
        paused = replication.get("replay_paused")
        assert cells["replay_paused"] == ("" if paused is None else str(paused).lower())
        assert cells["upstream"] == (replication.get("upstream") or "")
        assert cells["primary"] == (replication.get("primary") or "")
        assert cells["facts"] == "full"
    assert found[2] == ["pg-1"] + 11 * [""] + ["127.0.0.1"]


def test_problems_on_a_small_terminal_keep_their_columns(pgcensus, fleet):
    many = fleet + [{**fleet[2], "name": f"down-{i}"} for i in range(1, 12)]
    run = pgcensus("check", "--columns", "node,detail", "--width", "80", config=many)
    assert run.lines[0].split() == ["NODE", "DETAIL"]
    run = pgcensus.on_terminal("check", "--columns", "node,state", config=many, rows=12,
                               screen=True)
    assert run.text.startswith("NODE      STATE\n12 nodes ") and "LATENCY" not in run.text


def test_a_tree_keeps_its_shape_unless_it_is_sorted(pgcensus, fleet):
    run = pgcensus("nodes", "--topology", "--columns", "role,node", config=fleet)
    shown = [line for line in run.lines if line]
    assert "cluster" in shown[0]
    assert [line.split() for line in shown[1:3]] == [["ROLE", "NODE"], ["primary", "pg-2"]]
    assert re.fullmatch(r" {9}(└─|`-) \(1 more\)", shown[3])  # what pg-10 looks like
    assert shown[5] == "not placed" and shown[7].split() == ["?", "pg-1"]
    run = pgcensus("nodes", "--topology", "--sort", "-node", "--columns", "node,upstream",
                   config=fleet)
    assert [line.split() for line in run.lines[:5]] == [
        ["NODE", "UPSTREAM"], ["pg-10", "-"], ["pg-2", "-"], ["pg-1", "-"],
        ["(1", "more)", "pg-2"]]
    run = pgcensus("nodes", "--topology", "--csv", "--sort", "status,node", "--columns",
                   "node,role,reason,upstream", config=fleet)
    ok, standby, down, more = rows(run)[1:]
    assert ok == ["pg-2", "primary", "", ""]
    assert standby[:2] == ["pg-10", "standby"] and standby[2] != ""
    assert down == ["pg-1", "", "not_answered", ""]
    assert more == ["", "", "", "pg-2"]


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
        assert "column" not in run.errors
        assert rows(run)[0] == listed.split(",")

"""What is wrong with a statement, and all that the server says of it."""

import json

import fake
import pytest
import wire
from judge import CANARY

WRONG = "select 1\n  from pg_class\n  were relname = 'x'\n    and 'é' is null\n"


@pytest.fixture(scope="module")
def nodes(primary, standby):
    return [primary.node("pg-1"), standby.node("pg-2"), primary.node("pg-3")]


# ---- the place ----


def test_the_line_is_shown_once_with_a_caret(pgcensus, nodes):
    run = pgcensus("query", "select nam\n from pg_database\n wher", config=nodes)
    assert run.errors.splitlines()[:3] == [
        'pgcensus: 3 nodes: ERROR: column "nam" does not exist: pg-[1-3]',
        "LINE 1: select nam",
        "               ^",
    ]
    assert run.errors.count("^") == 1
    run = pgcensus("query", "--json", "select\n nam from pg_database", config=nodes)
    for node in run.doc["nodes"]:
        assert node["error"]["position"] == 9


def test_a_file_is_named_with_its_line(pgcensus, nodes):
    path = pgcensus.path("bad.sql", "\ufeff" + WRONG.replace("\n", "\r\n"))
    run = pgcensus("query", "-f", path, config=nodes)
    _, line, caret = run.errors.splitlines()
    assert line == f"{path}:3:   were relname = 'x'"
    assert line[caret.index("^"):].startswith("relname")
    with open(path, "rb") as file:
        run = pgcensus("query", "-", config=nodes, stdin=file)
    assert "\nLINE 3:   were relname = 'x'\n" in run.errors


def test_characters_and_columns(pgcensus, nodes):
    run = pgcensus("query", "select 'Köln', '日本',\tx", config=nodes[:1])
    _, line, caret = run.errors.splitlines()
    assert line == "LINE 1: select 'Köln', '日本', x"
    wide = 2 * len("日本") if "utf8proc on" in pgcensus("--version").text else 2
    assert caret == " " * (len(line) - 1 + wide - 2) + "^"


def test_a_server_that_counts_bytes(pgcensus, primary):
    primary.sql("create database ascii encoding SQL_ASCII locale 'C' template template0")
    node = primary.node("pg", dbname="ascii")
    run = pgcensus("query", "--json", "select 'é', x", config=[node])
    assert run.doc["nodes"][0]["error"]["position"] == 13


def test_what_stands_at_the_end(pgcensus, nodes):
    path = pgcensus.path("short.sql", "select (\n  1\n\n\n")
    run = pgcensus("query", "-f", path, config=nodes[:1])
    assert run.errors.splitlines()[1:] == [f"{path}:2:   1", " " * (len(path) + 7) + "^"]


def test_a_secret_in_the_statement(pgcensus, nodes):
    node = {**nodes[0], "password": CANARY}
    sql = f"alter role trusty pasword '{CANARY}'"
    run = pgcensus("query", sql, config=[node])
    assert run.code == 2 and "LINE 1: alter role trusty pasword '***'" in run.errors


def test_the_check_of_a_node_is_another_statement(pgcensus, nodes):
    """Its place is in check.query, and nobody wrote that here."""
    node = {**nodes[0], "check": {"query": "select\n\n wrong"}}
    run = pgcensus("query", "--any", "select 1", config=[node])
    assert run.code == 2 and "^" not in run.errors and "LINE" not in run.errors


# ---- in words ----


RAISES = """do $$ begin raise exception 'broken'
  using detail = 'disk 3', hint = 'replace it'; end $$"""


def test_detail_and_hint_of_a_message_that_stands_alone(pgcensus, nodes):
    run = pgcensus("query", RAISES, config=nodes)
    assert run.errors.splitlines() == [
        "pgcensus: 3 nodes: ERROR: broken: pg-[1-3]",
        "DETAIL: disk 3",
        "HINT: replace it",
    ]
    run = pgcensus("query", "--json", RAISES, config=nodes)
    for node in run.doc["nodes"]:
        error = node["error"]
        assert (error["detail"], error["hint"]) == ("disk 3", "replace it")
        assert error["position"] is None
    run = pgcensus("query", "--ndjson", RAISES, config=nodes)
    assert json.loads(run.lines[0])["error"]["hint"] == "replace it"


def test_among_others_only_when_asked(pgcensus, nodes):
    other = {**nodes[0], "name": "none", "dbname": "nowhere"}
    run = pgcensus("query", RAISES, config=[*nodes, other])
    assert "DETAIL" not in run.errors and "HINT" not in run.errors
    run = pgcensus("query", "-v", RAISES, config=[*nodes, other])
    assert "\nDETAIL: disk 3\nHINT: replace it\n" in run.errors


def test_on_the_page_of_a_terminal(pgcensus, nodes):
    for form in ("--fold", "--diff"):
        run = pgcensus.on_terminal("query", form, "select nam from t", config=nodes)
        assert "LINE 1: select nam from t" in run.text and run.text.count("^") == 1


def test_a_hint_of_the_parser(pgcensus, nodes):
    run = pgcensus("query", "select datnam from pg_database", config=nodes)
    assert "HINT: Perhaps you meant to reference the column" in run.errors


# ---- parameters ----


@pytest.mark.parametrize(
    "argv, says",
    [
        (["select $1"], "the statement has $1: give it by --param"),
        (["select $1, $2"], "the statement has $1 to $2: give each by --param"),
        (["--param", "a", "select $1, $2, $3"],
         "the statement has $1 to $3: give each by --param"),
        (["--param", "a", "select 1"], "the statement has no $1, and --param gives it"),
        (["--param", "a", "--param", "b", "select $1"],
         "the statement has no $2, and --param gives it"),
    ],
)  # fmt: skip
def test_a_wrong_number_of_parameters(pgcensus, nodes, argv, says):
    run = pgcensus("query", *argv, config=nodes)
    first, detail = run.errors.splitlines()
    assert first == f"pgcensus: 3 nodes: {says}: pg-[1-3]"
    assert detail.startswith("DETAIL: ERROR: bind message supplies")


def test_whatever_language_it_is_said_in(pgcensus, stage):
    words = (
        "le message bind fournit 0 paramètres, mais l'instruction préparée « » en"
        " nécessite 1"
    )

    @fake.with_statements
    async def french(peer, statement):
        if "BEGIN" in statement:
            await peer.open_envelope()
        elif "ROLLBACK" in statement:
            await peer.answer(wire.complete("ROLLBACK"))
        else:
            await peer.answer(wire.error("08P01", words, "ERROR", spoken="ERREUR"))

    run = pgcensus("query", "select $1", config=[stage.fake(french).node("pg")])
    assert "pgcensus: pg: the statement has $1: give it by --param\n" in run.errors
    assert "DETAIL: ERREUR: le message bind" in run.errors

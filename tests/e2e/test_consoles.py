"""What takes nothing but a simple Query: consoles of poolers, and statement pooling."""

import fake
import pytest
import wire


@pytest.fixture(scope="module")
def console(bouncer):
    """The console of a real pgbouncer."""
    return bouncer.node("adm", dbname="pgbouncer", via="console")


def test_a_console_is_checked(pgcensus, console):
    """It had been down: "invalid command 'SELECT 1', use SHOW HELP;"."""
    run = pgcensus("check", "--json", config=[console])
    node = run.node("adm")
    assert (run.code, node["status"], node["attempts"]) == (0, "ok", 1)
    assert node["role"] is None and node["facts"] is None and node["reasons"] == []
    assert "bouncer" in node["server_version"] and node["latency_ms"]["query"] > 0


def test_nothing_is_said_about_what_a_console_cannot_have(pgcensus, console):
    limits = {"lag_bytes": {"warn": "1kB"}, "slot_retained": {"warn": "1kB"}}
    nodes = [{**console, "thresholds": limits, "group": "front"}]
    run = pgcensus("check", "-v", "--warning", "connections=1%", config=nodes)
    assert run.code == 0 and "not known" not in run.text
    again = pgcensus("check", "--format", "nagios", config=nodes)
    assert again.code == 0 and again.text.startswith("PGCENSUS OK")


def test_the_check_of_a_console_can_be_another(pgcensus, console):
    for query in "SHOW POOLS", " show databases;":
        node = {**console, "check": {"query": query}}
        assert pgcensus("check", config=[node]).code == 0
    node = {**console, "check": {"query": "SHOW NOTHING"}}
    run = pgcensus("check", "--json", config=[node])
    assert run.code == 2 and "SHOW HELP" in run.error("adm")["message"]


@pytest.mark.parametrize("sql", ["SHOW POOLS", "show version;", "\n Show Databases"])
def test_a_console_can_be_asked(pgcensus, bouncers, console, sql):
    """Of fifty poolers in one table."""
    other = bouncers("second").node("two", dbname="pgbouncer", via="console")
    run = pgcensus("query", "--json", sql, config=[console, other])
    assert run.code == 0 and {row[0] for row in run.doc["rows"]} == {"adm", "two"}
    assert run.errors == ""


@pytest.mark.parametrize(
    "options, sql",
    [
        ([], "select 1"),
        ([], "SHOW 'a\\\\''; RELOAD; --'"),
        ([], "showpools"),
        ([], "RELOAD"),
        (["--write", "--yes"], "RELOAD"),
        (["--param", "1"], "show pools"),
    ],
)
def test_a_console_is_asked_nothing_else(pgcensus, stage, options, sql):
    server = stage.fake(fake.polite)
    node = server.node("adm", via="console", allow_write=True)
    run = pgcensus("query", *options, sql, config=[node])
    assert run.code == 2 and "only one SHOW" in run.errors
    assert server.count("query") == 0


def test_a_console_stays_out_of_questions_to_roles(pgcensus, primary, console):
    nodes = [console, primary.node("pg")]
    run = pgcensus("query", "--csv", "--role", "primary", "show port", config=nodes)
    assert run.code == 0 and len(run.lines) == 2 and run.errors == ""
    run = pgcensus("query", "--csv", "--healthy", "SHOW VERSION", config=[console])
    assert run.code == 0 and len(run.lines) == 2


def test_what_a_console_checks_by_must_be_harmless(pgcensus, primary):
    """protocol: simple has no transaction around it."""
    argv = "check", "--set", "check.query=drop table t", "--set", "protocol=simple"
    run = pgcensus(*argv, config=[primary.node("a")])
    assert run.code == 3 and "one SHOW" in run.errors


def test_where_the_values_of_a_console_come_from(pgcensus, console):
    run = pgcensus("config", "show", "adm", "--json", config=[console])
    shown = {s["key"]: s["value"] for s in run.doc["nodes"][0]["settings"]}
    assert (shown["protocol"], shown["check.query"]) == ("simple", "SHOW VERSION")


async def pgpool(peer):
    """A console that understands a few words in a simple Query, and nothing else."""
    await peer.startup()
    await peer.login(server_version="4.3.5", in_hot_standby=None,
                     default_transaction_read_only=None, server_encoding=None)  # fmt: skip
    while True:
        statement = await peer.query()
        if peer.extended or not statement.lower().startswith("show"):
            await peer.answer(wire.error("42601", "unknown command", "ERROR"))
        else:
            row = wire.columns("pool_version") + wire.row("4.3.5 (tamahomeboshi)")
            await peer.answer(row, wire.complete("SELECT 1"))


def test_a_console_of_another_kind(pgcensus, stage):
    server = stage.fake(pgpool)
    node = server.node("pool", protocol="simple", check={"query": "SHOW POOL_VERSION"})
    assert pgcensus("check", config=[node]).code == 0
    run = pgcensus("query", "--csv", "show pool_version", config=[node])
    assert run.lines == ["node,pool_version", "pool,4.3.5 (tamahomeboshi)"]
    assert server.notes("query") == ["SHOW POOL_VERSION", "show pool_version"]


# ---- a pooler that gives each statement to another server ----


@pytest.fixture(scope="module")
def scattering(bouncers):
    return bouncers("scattering", pool_mode="statement").node("a", via="pooler")


def test_statement_pooling_can_be_checked(pgcensus, scattering):
    run = pgcensus("check", "--json", config=[scattering])
    assert run.node("a")["status"] == "ok" and run.node("a")["facts"]


def test_statement_pooling_cannot_be_kept_from_writing(pgcensus, scattering):
    """The error had been the pooler's: "transaction blocks not allowed"."""
    run = pgcensus("query", "--json", "select 1", config=[scattering])
    error = run.doc["nodes"][0]["error"]
    assert run.code == 2 and error["class"] == "config" and not error["retryable"]
    assert "pool_mode=statement" in error["message"]
    node = {**scattering, "check": {"query": "select 2"}}
    run = pgcensus("check", "--json", config=[node])
    assert "pool_mode=statement" in run.error("a")["message"]

"""A statement cannot write unless it is told to, and the node allows it."""

import json
import re

import fake
import pytest

# Each tries to leave something behind; what is refused is refused by the server.
BYPASSES = [
    "insert into prey values (1)",
    "update prey set a = 2",
    "delete from prey",
    "create table trace(a int)",
    "create temp table trace(a int)",
    "drop table prey",
    "truncate prey",
    "select * from prey for update",
    "with w as (insert into prey values (1) returning a) select * from w",
    "explain analyze insert into prey values (1)",
    "select nextval('counter')",
    "select set_config('transaction_read_only', 'off', false)",
    "select set_config('transaction_read_only', 'off', true)",
    "set transaction read write",
    "do $$ begin commit; insert into prey values (1); end $$",
    "do $$ begin insert into prey values (1); end $$",
    "call intruder()",
    "select writes()",
    "vacuum prey",
    "create index on prey(a)",
    "grant all on prey to public",
]
# Each is accepted, and undone by the end of the transaction, or has no effect.
HARMLESS = ["set default_transaction_read_only = off", "listen prey",
            "set session characteristics as transaction read write"]  # fmt: skip
# Each would end the transaction, or outlive it, and is not sent at all.
UNSENT = ["commit", "/* a */ ROLLBACK AND CHAIN", "begin read write", "abort", "end",
          "savepoint a", "release a", "start transaction", "prepare transaction 'x'",
          "prepare p as select 1", "deallocate all", "discard temp"]  # fmt: skip

PREY = """
    create table if not exists prey(a int);
    create sequence if not exists counter;
    create or replace function writes() returns int language sql as
        'insert into prey values (1) returning a';
    create or replace procedure intruder() language plpgsql as
        'begin commit; insert into prey values (1); end';
    grant all on prey, counter to public;
    truncate prey
"""


@pytest.fixture(scope="module")
def prey(primary):
    primary.sql("grant create on schema public to public")
    primary.sql(PREY)
    return primary


def state(cluster):
    """All that a statement could have left behind."""
    return cluster.sql(
        "select (select count(*) from prey), (select is_called from counter),"
        " (select count(*) from pg_class where relname = 'trace'),"
        " (select count(*) from pg_index where indrelid = 'prey'::regclass),"
        " (select count(*) from pg_prepared_xacts)"
    )


@pytest.mark.parametrize("via", ["direct", "pooler"])
def test_nothing_can_be_written(pgcensus, prey, bouncer, via):
    before = state(prey)
    node = prey.node("pg") if via == "direct" else bouncer.node("pg", via="pooler")
    for sql in BYPASSES:
        run = pgcensus("query", "--json", sql, config=[node])
        error = run.doc["nodes"][0]["error"]
        assert run.code == 2 and error["class"] in ("query", "config"), (sql, error)
        assert re.fullmatch("25006|25001|42601|2D000|42501", error["sqlstate"]), error
    assert state(prey) == before


@pytest.mark.parametrize("sql", UNSENT)
def test_leaving_the_transaction_is_refused_before_anybody_is_asked(pgcensus, stage, sql):
    """Any role could leave a prepared transaction, which blocks vacuum for ever."""
    server = stage.fake(fake.polite)
    run = pgcensus("query", sql, config=[server.node("pg")])
    assert run.code == 3 and server.count("connected") == 0
    assert "transaction" in run.errors or "session" in run.errors


@pytest.mark.parametrize("via", ["direct", "pooler"])
@pytest.mark.parametrize("sql", HARMLESS)
def test_leaving_the_transaction_leads_nowhere(pgcensus, prey, bouncer, via, sql):
    before = state(prey)
    node = prey.node("pg") if via == "direct" else bouncer.node("pg", via="pooler")
    for statement in sql, "insert into prey values (1)":
        run = pgcensus("query", "--json", statement, config=[node])
    assert run.doc["nodes"][0]["error"]["sqlstate"] == "25006"
    assert state(prey) == before


def test_behind_a_pooler_nothing_sticks(pgcensus, prey, bouncer):
    """Somebody else has the connection to the server next."""
    node = bouncer.node("pg", via="pooler")
    for _ in range(3):
        run = pgcensus("query", "--json", "show statement_timeout", config=[node])
        assert run.doc["rows"][0][1] == "30500ms"
    assert prey.sql("show statement_timeout") == "0"
    other = bouncer.node("other", via="pooler", query_timeout="7s")
    run = pgcensus("query", "--json", "show statement_timeout", config=[other])
    assert run.doc["rows"][0][1] == "7500ms"
    assert "unclean" not in bouncer.log()


@pytest.mark.parametrize("via", ["direct", "pooler"])
def test_a_check_of_ones_own_cannot_write(pgcensus, prey, bouncer, via):
    """check.query wrote, by --set, too, and was repeated."""
    before = state(prey)
    node = prey.node("a") if via == "direct" else bouncer.node("a", via="pooler")
    writes = "insert into prey values (999) returning 1"
    for argv in (["check"], ["query", "--healthy", "select 1"]):
        run = pgcensus(*argv, "--json", "--retries", "2", "--set", f"check.query={writes}",
                       config=[node])  # fmt: skip
        assert "read-only transaction" in run.out.decode() and run.code == 2
    node = {**node, "allow_write": True, "check": {"query": "select 'well'"}}
    argv = "query", "--healthy", "--write", "--yes", "insert into prey values (7)"
    run = pgcensus(*argv, config=[node])
    assert run.code == 0 and prey.sql("select count(*) from prey") == "1"
    prey.sql("truncate prey")
    assert state(prey) == before


def test_no_advisory_lock_stays_behind_a_pooler(pgcensus, prey, bouncer):
    """The next client of the pooler had it."""
    node = bouncer.node("a", via="pooler")
    for sql in "select pg_advisory_lock(4711)", "select pg_advisory_lock(4712), 1/0":
        pgcensus("query", sql, config=[node])
        assert prey.sql("select count(*) from pg_locks where locktype = 'advisory'") == "0"


def test_writing_needs_leave(pgcensus, prey):
    before = state(prey)
    sql = "insert into prey values (7)"
    nodes = [prey.node("a", allow_write=True), prey.node("b")]
    run = pgcensus("query", "--write", "--yes", sql, config=nodes)
    assert run.code == 3 and "allow_write is not set for b" in run.errors
    run = pgcensus("query", "--write", sql, config=nodes[:1])
    assert run.code == 3 and "--yes" in run.errors
    argv = "query", "--write", "--yes", "--set", "allow_write=true", sql
    run = pgcensus(*argv, config=nodes)
    assert run.code == 3 and "only a configuration says" in run.errors
    assert state(prey) == before


def test_writing_with_leave(pgcensus, prey):
    nodes = [prey.node("a", allow_write=True)]
    sql = "insert into prey values (7), (8) returning a"
    run = pgcensus("query", "--json", "--write", "--yes", sql, config=nodes)
    assert run.code == 0 and run.doc["rows"] == [["a", 7], ["a", 8]]
    assert run.doc["nodes"][0]["command"] == "INSERT 0 2"
    run = pgcensus("query", "--write", "--yes", "delete from prey", config=nodes)
    assert run.code == 0 and "DELETE 2" in run.text
    assert prey.sql("select count(*) from prey") == "0"


@pytest.mark.parametrize("how", ["--json", "--ndjson"])
def test_a_limit_does_not_undo_what_is_written(pgcensus, prey, how):
    """With few rows it was written, with many it was rolled back."""
    prey.sql("truncate prey")
    nodes = [prey.node("a", allow_write=True)]
    sql = "insert into prey select generate_series(1, 200000) returning a"
    argv = "query", how, "--write", "--yes", "--max-rows", "10", sql
    run = pgcensus(*argv, config=nodes)
    (node,) = json.loads(run.lines[-1])["nodes"]
    assert run.code == 1 and "more than 10 rows in all" in run.errors
    assert (node["status"], node["rows"], node["truncated"]) == ("partial", 10, True)
    assert node["command"] == "INSERT 0 200000"
    assert prey.sql("select count(*) from prey") == "200000"
    prey.sql("truncate prey")


def test_nobody_knows_what_a_lost_write_has_written(pgcensus, prey):
    nodes = [prey.node("a", allow_write=True)]
    sql = "insert into prey select 1 from pg_sleep(30)"
    argv = "query", "--write", "--yes", "--set", "query_timeout=300ms", sql
    run = pgcensus(*argv, config=nodes)
    assert run.code == 2
    assert "it is not known whether it was written" in run.errors


@pytest.mark.parametrize("key, written", [(b"y\n", 1), (b"n\n", 0), (b"\n", 0)])
def test_a_terminal_is_asked(pgcensus, prey, key, written):
    def answer(running, terminal):
        from place import until

        until(lambda: b"[y/N]" in terminal.shown)
        terminal.type(key)

    prey.sql("truncate prey")
    nodes = [prey.node("a", allow_write=True)]
    argv = "query", "--write", "insert into\n  prey\tvalues (1) -- \x1b[2K" + 300 * "x"
    run = pgcensus.on_terminal(*argv, config=nodes, meanwhile=answer)
    assert run.code == (0 if written else 3)
    assert b"insert into prey values (1) -- \\x1b[2Kxxx" in run.err
    assert "x…".encode() in run.err and b"Write on 1 node (a)?" in run.err
    assert prey.sql("select count(*) from prey") == str(written)


def test_a_superuser_is_worth_a_note(pgcensus, clusters, prey):
    node = prey.node("a", user="postgres", host=prey.home)
    run = pgcensus("query", "-v", "select 1", config=[node])
    assert run.code == 0 and "superuser" in run.errors

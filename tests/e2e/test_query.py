"""One statement on every node: what comes out, and with which exit status."""

import csv
import io
import json
import os
import signal
import subprocess
import time

import fake
import pytest
from place import until
from stage import Refuser


@pytest.fixture(scope="module")
def fleet(primary, standby):
    """Two real servers and nobody."""
    refuser = Refuser()
    yield [primary.node("pg-a"), standby.node("pg-b"), refuser.node("dead")]
    refuser.close()


def test_rows_of_all_nodes_in_one_table(pgcensus, fleet):
    run = pgcensus("query", "select 1 as one, null as nothing", config=fleet)
    assert run.code == 1
    assert run.lines[:4] == [
        " node | one | nothing ",
        "------+-----+---------",
        " pg-a |   1 | ",
        " pg-b |   1 | ",
    ]
    assert run.lines[4].startswith("(2 rows from 2 of 3 nodes, ")
    assert "pgcensus: dead: connection refused" in run.errors


def test_a_table_is_what_psql_prints(pgcensus, primary):
    """With the node as a first column, all of it but the footer is byte-equal."""
    columns = """1 as "n", 'text' as "a longer name", null as x, e'two\\nlines' as multi,
        12.50::numeric as amount, true as flag, 'last' as last"""
    more = "22, '', 'y', e'a\\n\\nb', -1, false, null"
    query = f"select {columns} union all select {more}"
    as_psql = f"select 'pg' as node, {columns} union all select 'pg', {more}"
    for options in [], ["-x"], ["-t"], ["-x", "-t"]:
        run = pgcensus("query", query, *options, config=[primary.node("pg")])
        psql = primary.place.run(
            *["psql", "-X", "-h", primary.home, "-p", str(primary.port)],
            *["-U", "postgres", "-d", "postgres", "-c", as_psql, *options],
        )
        ours = [line for line in run.lines if not line.startswith("(2 rows")]
        theirs = [line for line in psql.splitlines() if not line.startswith("(2 rows")]
        while theirs and not theirs[-1]:
            theirs.pop()
        assert ours == theirs


def test_the_document(pgcensus, fleet):
    sql = "select 1::int8 as i, 1.50::numeric as n, 'NaN'::float8 as f, true as b"
    run = pgcensus("query", "--json", sql, config=fleet)
    assert run.code == 1
    assert '["pg-a",1,1.50,"NaN",true]' in run.text
    doc = run.doc
    assert doc["status"] == "partial"
    assert [c["name"] for c in doc["columns"]] == ["node", "i", "n", "f", "b"]
    assert [c["type"] for c in doc["columns"]] == "text int8 numeric float8 bool".split()
    assert [c["oid"] for c in doc["columns"]] == [25, 20, 1700, 701, 16]
    assert [node["status"] for node in doc["nodes"]] == ["ok", "ok", "failed"]
    assert doc["nodes"][0]["command"] == "SELECT 1"
    assert doc["nodes"][2]["error"]["class"] == "refused"


def test_rows_as_objects_and_numbers_as_strings(pgcensus, primary):
    argv = "query", "--json", "--rows", "objects", "--numbers", "string"
    sql = "select 1 as a, 2 as a, 3 as node"
    run = pgcensus(*argv, sql, config=[primary.node("pg")])
    assert run.doc["rows"] == [{"node": "pg", "a": "1", "a_2": "2", "node_2": "3"}]


def test_lines_as_nodes_answer(pgcensus, fleet):
    run = pgcensus("query", "--ndjson", "select 1 as a, 2 as a", config=fleet)
    lines = [json.loads(line) for line in run.lines]
    assert "summary" in lines[-1] and lines[-1]["exit_code"] == run.code == 1
    by_node = {line["node"]: line for line in lines[:-1]}
    assert by_node["pg-a"]["row"] == {"a": 1, "a_2": 2}
    assert by_node["dead"]["error"]["class"] == "refused"


def test_csv_is_in_the_order_of_the_inventory(pgcensus, fleet):
    sql = "select pg_sleep(case when pg_is_in_recovery() then 0 else 0.3 end)::text"
    run = pgcensus("query", "--csv", sql, config=fleet)
    rows = list(csv.reader(io.StringIO(run.text)))
    assert rows == [["node", "pg_sleep"], ["pg-a", ""], ["pg-b", ""]]


def test_columns_that_differ_are_merged_by_name(pgcensus, primary, clusters):
    for name, dbname in ("one", "postgres"), ("two", "template1"):
        primary.sql(f"create table if not exists merged_{name}(x int)", dbname=dbname)
    primary.sql("create or replace view merged as select 1 as a, 2 as b")
    primary.sql("create or replace view merged as select 3 as b, 4 as c", "template1")
    primary.sql("grant select on merged to public")
    primary.sql("grant select on merged to public", "template1")
    nodes = [primary.node("n1"), primary.node("n2", dbname="template1")]
    run = pgcensus("query", "--json", "select * from merged", config=nodes)
    assert [c["name"] for c in run.doc["columns"]] == ["node", "a", "b", "c"]
    assert run.doc["rows"] == [["n1", 1, 2, None], ["n2", None, 3, 4]]
    assert run.doc["summary"]["columns_differ"] and run.code == 0
    assert "same columns" in run.errors
    run = pgcensus("query", "--csv", "select * from merged", config=nodes)
    assert run.lines == ["node,a,b,c", "n1,1,2,", "n2,,3,4"]


# ---- where the statement comes from ----


def test_sources_of_a_statement(pgcensus, primary):
    nodes = [primary.node("pg")]
    path = pgcensus.path("q.sql", "-- a comment\nselect 42 as x;\n")
    for argv in (
        ["select 42 as x"],
        ["-c", "select 42 as x"],
        ["-f", path],
        ["--file", path],
    ):
        run = pgcensus("query", "--csv", *argv, config=nodes)
        assert (run.code, run.lines) == (0, ["node,x", "pg,42"])


@pytest.mark.parametrize("argv", [["-"], ["-f", "-"]])
def test_a_statement_from_standard_input(pgcensus, primary, argv):
    with open(pgcensus.path("stdin.sql", "select 42 as x")) as words:
        run = pgcensus("query", "--csv", *argv, config=[primary.node("pg")], stdin=words)
    assert run.lines == ["node,x", "pg,42"]


def test_parameters_are_never_part_of_the_text(pgcensus, primary):
    nasty = "a'; drop table x; --"
    argv = "--param", nasty, "--param", "41", "select $1::text as a, $2::int + 1 as b"
    run = pgcensus("query", "--json", *argv, config=[primary.node("pg")])
    assert run.doc["rows"] == [["pg", nasty, 42]]


@pytest.mark.parametrize(
    "argv, says",
    [
        ([], "a statement is missing"),
        (["select 1", "-c", "select 2"], "one statement"),
        (["select", "1"], "one statement"),
        ([" ; -- nothing"], "the statement is empty"),
        (["\\d"], "psql's own"),
        (["-f", "/nonexistent"], "could not open"),
        (["--fold", "--diff", "select 1"], "cannot be combined"),
        (["--key", "a", "select 1"], "--key belongs to --diff"),
        (["--yes", "select 1"], "--yes belongs to --write"),
        (["--ndjson", "--fold", "select 1"], "--ndjson"),
        (["--diff", "primary", "select 1"], "write --diff=primary"),
        (["--diff", "primary", "-c", "select 1"], "write --diff=primary"),
        (["select 1", "--diff", "pg-a.b"], "write --diff=pg-a.b"),
        (["-x", "auto", "select 1"], "write -x=auto"),
        (["-x", "--diff", "off", "select 1"], "write -x=off"),
        (["--diff", "select 1", "select 2"], "put all of it between quotes"),
        (["--rows", "arrays", "select 1"], "--rows belongs to --json"),
        (["--rows", "objects", "--ndjson", "select 1"], "--rows belongs to --json"),
        (["--numbers", "string", "--csv", "select 1"], "--json and --ndjson"),
        (["--max-rows", "5", "--fold", "select 1"], "--max-rows cuts off"),
        (["--max-rows", "0", "--sum", "a", "select 1"], "--max-rows cuts off"),
        (["--csv", "--repeat", "1s", "select 1"], "--repeat with CSV"),
        (["--write", "--yes", "--fold", "select 1"], "--write cannot be combined"),
        (["--write", "--yes", "--diff", "select 1"], "--write cannot be combined"),
        (["--write", "--yes", "--sum", "a", "select 1"], "--write cannot be combined"),
        (["--write", "--yes", "--reduce", "x", "select 1"], "--write cannot be combined"),
        (["--max-rows", "x", "select 1"], "not a number of rows"),
        (["--max-bytes", "10", "select 1"], "not a size"),
        (["--csv", "--reader-timeout", "5", "select 1"], "needs a unit"),
        (["--reader-timeout", "5s", "select 1"], "belongs to --csv"),
    ],
)
def test_usage(pgcensus, fine, argv, says):
    run = pgcensus("query", *argv, config=fine)
    assert run.code == 3 and says in run.errors
    assert "--ndjson" in argv or not run.out


def test_usage_errors_are_documents_too(pgcensus, fine):
    run = pgcensus("query", "--json", ";", config=fine)
    assert run.doc["error"]["class"] == "usage"


# ---- errors of the statement ----


def test_the_same_error_is_said_once(pgcensus, primary, standby):
    nodes = [primary.node("pg-1"), standby.node("pg-2"), primary.node("pg-3")]
    run = pgcensus("query", "select * from nowhere", config=nodes)
    assert run.code == 2
    words = 'pgcensus: 3 nodes: ERROR: relation "nowhere" does not exist: pg-[1-3]\n'
    assert run.errors.startswith(words) and run.errors.count("nowhere") == 2
    run = pgcensus("query", "--json", "select * from nowhere", config=nodes)
    for node in run.doc["nodes"]:
        assert (node["status"], node["error"]["class"]) == ("failed", "query")
        assert node["error"]["sqlstate"] == "42P01"


def test_a_wrong_number_of_parameters(pgcensus, primary):
    """It is the statement's, so no other node is asked, and nobody is asked again."""
    nodes = [primary.node("pg-1"), primary.node("pg-2")]
    argv = "query", "--json", "--any", "--retries", "3", "--param", "1", "select $1, $2"
    run = pgcensus(*argv, config=nodes)
    error, = (node["error"] for node in run.doc["nodes"] if node["status"] == "failed")
    assert (error["class"], error["sqlstate"]) == ("query", "08P01")
    assert not error["retryable"] and run.seconds < 2
    run = pgcensus("query", "--param", "1", "select $1, $2", config=nodes)
    assert run.errors.count("pgcensus: ") == 1 and "2 nodes" in run.errors


@pytest.mark.parametrize(
    "sql, says",
    [
        ("select 1; select 2", "one statement at a time"),
        ("rollback; insert into copied values (1)", "one statement at a time"),
        ("copy (select 1) to stdout", "use SELECT with --csv"),
        (" -- all of it\ncopy copied from program 'echo 1'", "use SELECT with --csv"),
    ],
)
def test_what_cannot_be_asked(pgcensus, stage, sql, says):
    polite = stage.fake(fake.polite)
    run = pgcensus("query", "--json", sql, config=[polite.node("pg")])
    error = run.doc["error"]
    assert run.code == 3 and error["class"] == "usage"
    assert says in error["message"] and polite.count("connected") == 0


# ---- which nodes ----


def test_only_those_of_a_role(pgcensus, fleet):
    sql = "select pg_is_in_recovery() as r"
    argv = "query", "--json", "--role", "standby", sql
    run = pgcensus(*argv, config=fleet, expect=["pg-b", "dead"])
    assert run.doc["rows"] == [["pg-b", True]]
    assert run.code == 1


def test_only_the_healthy(pgcensus, fleet):
    run = pgcensus("query", "--json", "--healthy", "select 1 as a", config=fleet)
    statuses = [node["status"] for node in run.doc["nodes"]]
    assert statuses == ["ok", "ok", "skipped"] and run.code == 0
    assert run.doc["nodes"][2]["error"]["class"] == "refused"
    assert "pgcensus: left out, not healthy: dead (connection refused" in run.errors
    run = pgcensus("query", "--ndjson", "--healthy", "select 1 as a", config=fleet)
    assert any('{"node":"dead","error":{"class":"refused"' in line for line in run.lines)


def test_quiet_does_not_hide_who_failed(pgcensus, fleet):
    run = pgcensus("query", "-q", "select 1 as a", config=fleet)
    assert "pgcensus: dead: connection refused" in run.errors


def test_any_healthy_node(pgcensus, fleet):
    """One answer each time, and not from the same node every time."""
    answers = set()
    for _ in range(20):
        run = pgcensus("query", "--json", "--any", "select 1 as a", config=fleet)
        assert run.code == 0 and len(run.doc["rows"]) == 1 and not run.errors
        answers.add(run.doc["rows"][0][0])
    assert answers == {"pg-a", "pg-b"}


def test_a_canary(pgcensus, primary, stage):
    polite = stage.fake(fake.polite)
    nodes = [primary.node("canary"), polite.node("a"), polite.node("b")]
    run = pgcensus("query", "--json", "--canary", "select * from nowhere", config=nodes)
    assert run.code == 2 and polite.count("connected") == 0
    assert "canary failed" in run.doc["nodes"][1]["error"]["message"]
    run = pgcensus("query", "--json", "--canary", "select 1", config=nodes)
    assert run.code == 0 and polite.count("connected") == 2


def test_fail_fast(pgcensus, stage, fleet):
    silent = stage.fake(fake.silent)
    nodes = [fleet[2], silent.node("silent")]
    run = pgcensus("query", "--json", "--fail-fast", "-T", "20s", "select 1", config=nodes)
    assert run.seconds < 5 and run.code == 2
    assert run.doc["nodes"][1]["error"]["class"] == "cancelled"


def test_disabled_nodes_are_named(pgcensus, primary):
    nodes = [primary.node("a"), primary.node("b", enabled=False)]
    run = pgcensus("query", "--json", "select 1", config=nodes)
    assert [n["status"] for n in run.doc["nodes"]] == ["ok", "disabled"]
    assert run.code == 0


def test_min_ok(pgcensus, fleet):
    run = pgcensus("query", "--min-ok", "2", "select 1", config=fleet)
    assert run.code == 0
    run = pgcensus("query", "--min-ok", "100%", "select 1", config=fleet)
    assert run.code == 2
    argv = "query", "--healthy", "--min-ok", "50%", "-n", "dead", "select 1"
    assert pgcensus(*argv, config=fleet).code == 2


def test_retries_of_a_node_that_comes_back(pgcensus, stage):
    flaky = stage.fake(fake.failing_first(2, fake.fatal("57P03", "starting up")))
    argv = "query", "--json", "--retries", "3", "select 1"
    run = pgcensus(*argv, config=[flaky.node("a")])
    assert run.code == 0 and flaky.count("connected") == 3


# ---- limits ----


def test_rows_are_cut_off_visibly(pgcensus, primary):
    nodes = [primary.node("a"), primary.node("b")]
    sql = "select * from generate_series(1,10)"
    run = pgcensus("query", "--max-rows", "15", sql, config=nodes)
    assert run.code == 1 and run.text.endswith("cut off; --max-rows 0 lifts the limit.\n")
    assert "pgcensus: b: more than 15 rows in all (--max-rows)\n" in run.errors
    run = pgcensus("query", "--max-rows", "5", sql, config=nodes[:1])
    assert "pgcensus: a: more than 5 rows in all (--max-rows)\n" in run.errors
    run = pgcensus("query", "--json", "--max-rows", "15", sql, config=nodes)
    assert run.code == 1 and run.doc["summary"]["truncated"]
    assert [row[1] for row in run.doc["rows"]] == [*range(1, 9), *range(1, 8)]
    assert [n["rows"] for n in run.doc["nodes"]] == [8, 7]
    assert [n["status"] for n in run.doc["nodes"]] == ["partial", "partial"]
    run = pgcensus("query", "--csv", "--max-rows", "15", sql, config=nodes)
    assert run.code == 1 and len(run.lines) == 16
    run = pgcensus("query", "--csv", "--max-rows", "20", sql, config=nodes)
    assert run.code == 0 and len(run.lines) == 21


def test_bytes_are_cut_off_visibly(pgcensus, primary):
    sql = "select repeat('x', 1000) from generate_series(1,1000)"
    argv = "query", "--json", "--max-bytes", "100kB", sql
    run = pgcensus(*argv, config=[primary.node("a"), primary.node("b")])
    assert run.code == 1 and run.doc["summary"]["truncated"]
    assert 50 < len(run.doc["rows"]) < 120
    run = pgcensus(*argv[:1], *argv[2:], config=[primary.node("a")])
    assert run.text.endswith("cut off; --max-bytes 0 lifts the limit.\n")
    assert "pgcensus: a: more than 100kB in all (--max-bytes)\n" in run.errors


def test_limits_of_a_node(pgcensus, primary):
    nodes = [primary.node("a", limits={"max_rows": 3}), primary.node("b")]
    sql = "select * from generate_series(1,5)"
    run = pgcensus("query", "--json", sql, config=nodes)
    assert [n["rows"] for n in run.doc["nodes"]] == [3, 5]
    assert run.doc["nodes"][0]["error"]["class"] == "limit"
    assert run.doc["nodes"][0]["error"]["message"] == "more than 3 rows (limits.max_rows)"
    run = pgcensus("query", sql, config=nodes)
    assert run.text.endswith("Some rows were cut off.\n")
    nodes = [primary.node("a", limits={"max_bytes": "10kB"})]
    many = "select repeat('x', 1000) from generate_series(1,1000)"
    run = pgcensus("query", many, config=nodes)
    assert "more than 10kB (limits.max_bytes)" in run.errors
    nodes = [primary.node("a", limits={"max_row_bytes": "2kB"})]
    run = pgcensus("query", "select repeat('x', 5000)", config=nodes)
    assert "a row of more than 2kB (limits.max_row_bytes)" in run.errors


def test_many_short_rows_are_no_long_one(pgcensus, primary):
    """However many of them arrive at once, more than the limit of one."""
    nodes = [primary.node("a", limits={"max_row_bytes": "1kB"})]
    sql = "select repeat('x', 200) from generate_series(1, 20000)"
    run = pgcensus("query", "--csv", sql, config=nodes)
    assert run.code == 0 and len(run.lines) == 20_001


def test_rows_just_below_the_limit(pgcensus, primary):
    """Whatever of the next one has come together with the end of one."""
    sql = "select repeat('x', 195 * 1024) from generate_series(1, 40)"
    for sslmode in "disable", "require":
        nodes = [primary.node("a", sslmode=sslmode, limits={"max_row_bytes": "200kB"})]
        run = pgcensus("query", "--csv", sql, config=nodes)
        assert run.code == 0 and len(run.lines) == 41


# ---- time ----


def sleepers(cluster):
    return int(
        cluster.sql(
            "select count(*) from pg_stat_activity"
            " where query like '%pg_sleep(3%' and pid <> pg_backend_pid()"
        )
    )


def test_a_timeout_leaves_nothing_running(pgcensus, primary):
    nodes = [primary.node("a", query_timeout="600ms")]
    run = pgcensus("query", "--json", "select pg_sleep(300)", config=nodes)
    error = run.doc["nodes"][0]["error"]
    assert (error["class"], error["phase"]) == ("timeout", "query")
    until(lambda: sleepers(primary) == 0, seconds=2)


@pytest.mark.parametrize("limit", [["-T", "700ms"], ["--deadline", "700ms"]])
def test_limits_of_time_leave_nothing_running(pgcensus, primary, limit):
    nodes = [primary.node("a")]
    run = pgcensus("query", "--json", *limit, "select pg_sleep(300)", config=nodes)
    assert run.doc["nodes"][0]["error"]["class"] == "timeout" and run.seconds < 5
    until(lambda: sleepers(primary) == 0, seconds=2)


def test_fail_fast_leaves_nothing_running(pgcensus, primary, fleet):
    nodes = [primary.node("a", connect_timeout="5s"), fleet[2]]
    sql = "select pg_sleep(300)"
    run = pgcensus("query", "--fail-fast", sql, config=nodes)
    assert run.code == 2 and run.seconds < 5
    until(lambda: sleepers(primary) == 0, seconds=2)


def test_interrupt_prints_what_arrived_and_cancels(pgcensus, primary, standby):
    nodes = [standby.node("b"), primary.node("a")]
    sql = "select case when pg_is_in_recovery() then 'x' else pg_sleep(300)::text end"
    running = pgcensus.start("query", "--json", sql, config=nodes)
    until(lambda: sleepers(primary) == 1)
    running.signal(signal.SIGINT)
    run = running.end(within=5)
    assert run.code == 130 and run.doc["exit_code"] == 130
    assert run.doc["rows"] == [["b", "x"]]
    assert run.doc["nodes"][1]["error"]["class"] == "cancelled"
    until(lambda: sleepers(primary) == 0, seconds=2)


@pytest.mark.alone
def test_ten_nodes_take_the_time_of_one(pgcensus, primary):
    one, ten = (
        pgcensus("query", "select pg_sleep(1)", config=nodes).seconds
        for nodes in (
            [primary.node("a")],
            [primary.node(f"n{i}") for i in range(10)],
        )
    )
    assert ten < 2 * one


# ---- many ----


@pytest.mark.alone
def test_a_slow_reader_makes_nobody_late(pgcensus, primary):
    """More rows than any buffer holds, and nobody reads for longer than a timeout."""
    ours, theirs = os.pipe()
    sql = "select g, repeat('x', 100) from generate_series(1,100000) g"
    nodes = [primary.node(f"n{i}", query_timeout="2s") for i in range(3)]
    running = pgcensus.start("query", "--csv", sql, config=nodes, stdout=theirs)
    os.close(theirs)
    try:
        time.sleep(3)
        size = 0
        while piece := os.read(ours, 1 << 20):
            size += len(piece)
    finally:
        os.close(ours)
    run = running.end(within=20)
    assert run.code == 0, run
    assert size > 3 * 100_000 * 105


@pytest.mark.parametrize("form", ["--csv", "--ndjson"])
def test_a_reader_that_takes_nothing_holds_no_snapshot(pgcensus, primary, form):
    """It is still there, and gets what had arrived and how that ended."""
    ours, theirs = os.pipe()
    sql = "select g, repeat('x', 100) from generate_series(1, 400000) g"
    argv = "query", form, "--reader-timeout", "1s", sql
    nodes = [primary.node("a"), primary.node("b")]
    running = pgcensus.start(*argv, config=nodes, stdout=theirs)
    os.close(theirs)
    held = (
        "select count(*) from pg_stat_activity where usename = 'trusty'"
        " and query like '%400000%'"
    )
    try:
        until(lambda: primary.sql(held) == "2")
        until(lambda: primary.sql(held) == "0")
        out = b""
        while piece := os.read(ours, 1 << 20):
            out += piece
    finally:
        os.close(ours)
    run = running.end(within=20)
    assert run.code == 1 and b"took nothing for 1s (--reader-timeout)" in run.err
    if form == "--ndjson":
        lines = [json.loads(line) for line in out.splitlines()]
        told = lines[-1]["nodes"]
        assert {node["error"]["class"] for node in told} == {"cancelled"}
        assert "partial" in {node["status"] for node in told}


def test_a_reader_may_pause_again_and_again(pgcensus, primary):
    """Each time it takes something, its patience begins anew."""
    ours, theirs = os.pipe()
    sql = "select g, repeat('x', 1000) from generate_series(1, 3000) g"
    argv = "query", "--csv", "--reader-timeout", "2s", sql
    running = pgcensus.start(*argv, config=[primary.node("a")], stdout=theirs)
    os.close(theirs)
    try:
        size = 0
        for _ in range(6):
            size += len(os.read(ours, 1 << 16))
            time.sleep(0.7)
        while piece := os.read(ours, 1 << 20):
            size += len(piece)
    finally:
        os.close(ours)
    assert running.end(within=20).code == 0 and size > 3_000_000


def test_streams_have_bounded_memory(pgcensus, primary):
    if pgcensus.sanitized:
        pytest.skip("a sanitizer keeps what was freed")
    sql = "select g, repeat('x', 200) from generate_series(1,300000) g"
    nodes = [primary.node(f"n{i}") for i in range(4)]
    for form in "--csv", "--ndjson":
        running = pgcensus.start(
            "query", form, sql, config=nodes, stdout=subprocess.DEVNULL
        )
        run = running.end(within=60)
        assert run.code == 0 and run.rss_kb < 32 * 1024, run.rss_kb

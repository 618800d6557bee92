"""What is made of all answers together: fold, diff, reduce, sums."""

import csv
import io
import json
import time

import fake
import pytest
from stage import Refuser


@pytest.fixture(scope="module")
def fleet(primary):
    """Three nodes that agree, one that does not, and nobody."""
    refuser = Refuser()
    yield [
        primary.node("pg-1"),
        primary.node("pg-2"),
        primary.node("other", dbname="template1"),
        primary.node("pg-3"),
        refuser.node("dead"),
    ]
    refuser.close()


@pytest.fixture(scope="module", autouse=True)
def settings(primary):
    """A table of the same keys in two databases."""
    primary.sql("create table if not exists knobs(name text, value text, unit int)")
    primary.sql("truncate knobs; grant select on knobs to public")
    primary.sql("insert into knobs values ('a', '1', 1), ('b', '2', null), ('c', '3', 3)")
    there = "create table if not exists knobs(name text, value text, unit int);"
    there += "truncate knobs; grant select on knobs to public;"
    there += "insert into knobs values ('a', '1', 1), ('b', 'two', null), ('d', '4', 4)"
    primary.sql(there, dbname="template1")


@pytest.fixture
def reduces(pgcensus):
    if "SQLite       off" in pgcensus("--version").text:
        pytest.skip("built without SQLite")


def rows(run):
    return list(csv.reader(io.StringIO(run.text)))


# ---- --fold ----


def test_equal_answers_once(pgcensus, fleet):
    run = pgcensus("query", "--fold", "select current_database() as db", config=fleet)
    assert run.code == 1  # because of the dead one
    assert run.lines == [
        "--- 3 nodes: pg-[1-3]",
        "    db    ",
        "----------",
        " postgres",
        "(1 row)",
        "",
        "--- 1 node: other",
        "    db     ",
        "-----------",
        " template1",
        "(1 row)",
        "",
        "--- failed, 1 node: dead",
        f" connection refused (127.0.0.1:{fleet[4]['port']})",
        "",
        "2 different answers: 3 nodes agree, 1 differs, 1 failed",
    ]


def test_exit_code_of_a_difference(pgcensus, fleet):
    argv = "query", "--fold", "--exit-code", "-n", "!dead"
    sql = "select current_database()"
    assert pgcensus(*argv, sql, config=fleet).code == 1
    assert pgcensus(*argv, "-n", "pg-*", sql, config=fleet).code == 0
    assert pgcensus(*argv[:2], *argv[3:], sql, config=fleet).code == 0


def test_folded_for_programs(pgcensus, fleet):
    argv = "query", "--fold", "select current_database() as db"
    run = pgcensus(*argv, "--json", config=fleet)
    doc = run.doc
    assert [c["name"] for c in doc["columns"]] == ["nodes", "count", "db"]
    assert doc["rows"] == [["pg-[1-3]", 3, "postgres"], ["other", 1, "template1"]]
    assert doc["groups"] == [
        {"nodes": ["pg-1", "pg-2", "pg-3"], "rows": 1},
        {"nodes": ["other"], "rows": 1},
    ]
    run = pgcensus(*argv, "--csv", config=fleet)
    assert run.lines == ["nodes,count,db", "pg-[1-3],3,postgres", "other,1,template1"]


def test_the_order_of_rows(pgcensus, primary, standby):
    nodes = [primary.node("a"), standby.node("b")]
    sql = """select g from generate_series(1,3) g order by
        case when pg_is_in_recovery() then g else -g end"""
    assert "2 different" in pgcensus("query", "--fold", sql, config=nodes).text
    run = pgcensus("query", "--fold", "--unordered", sql, config=nodes)
    assert "1 answer: 2 nodes agree" in run.text


# ---- --diff ----


def test_differences_from_the_majority(pgcensus, fleet):
    run = pgcensus("query", "--diff", "select * from knobs", config=fleet)
    assert run.lines == [
        "reference: 3 nodes: pg-[1-3]  (3 rows)",
        "",
        "--- other: 3 rows differ",
        " name | column | reference |  other   ",
        "------+--------+-----------+----------",
        " b    | value  | 2         | two",
        " c    |        | (a row)   | (no row)",
        " d    |        | (no row)  | (a row)",
        "",
        f"dead: connection refused (127.0.0.1:{fleet[4]['port']})",
        "",
        "1 of 4 nodes differs, 1 failed",
    ]
    run = pgcensus("query", "--diff", "-t", "select * from knobs", config=fleet)
    assert "differs, 1 failed" not in run.text


def test_differences_of_one_column(pgcensus, fleet):
    argv = "query", "--diff=other", "-n", "!dead", "select name, value from knobs"
    run = pgcensus(*argv, config=fleet)
    assert run.code == 0
    assert run.lines[:8] == [
        "reference: 1 node: other  (3 rows)",
        "",
        "--- pg-1: 3 rows differ",
        " name | reference |   pg-1   ",
        "------+-----------+----------",
        " b    | two       | 2",
        " d    | 4         | (no row)",
        " c    | (no row)  | 3",
    ]


def test_differences_for_programs(pgcensus, fleet):
    argv = "query", "--diff", "--exit-code", "-n", "!dead", "select * from knobs"
    run = pgcensus(*argv, "--csv", config=fleet)
    assert run.code == 1
    assert run.lines == [
        "node,kind,name,column,reference,value",
        "other,different,b,value,2,two",
        "other,missing,c,,,",
        "other,extra,d,,,",
    ]
    doc = pgcensus(*argv, "--json", config=fleet).doc
    assert doc["reference"] == {"nodes": ["pg-1", "pg-2", "pg-3"], "rows": 3}
    assert doc["rows"][0] == ["other", "different", "b", "value", "2", "two"]


def test_keys(pgcensus, fleet):
    argv = "query", "--diff", "--csv", "-n", "!dead"
    run = pgcensus(*argv, "--key", "unit,name", "select * from knobs", config=fleet)
    assert run.lines[1] == "other,different,,b,value,2,two"
    run = pgcensus(*argv, "--key", "nam", "select * from knobs", config=fleet)
    assert run.code == 3 and 'did you mean "name"' in run.errors
    run = pgcensus(*argv[:1], "--diff=pg-9", "select 1", config=fleet)
    assert run.code == 3 and "did you mean" in run.errors
    run = pgcensus(*argv[:1], "--diff=dead", "select 1", config=fleet)
    assert run.code == 3 and "connection refused" in run.errors


def test_a_reference_that_is_not_selected_is_refused_before_anybody_is_asked(
    pgcensus, stage
):
    polite = stage.fake(fake.polite)
    nodes = [polite.node("pg-1"), polite.node("pg-2")]
    run = pgcensus("query", "--diff=pg-3", "select 1", config=nodes)
    assert run.code == 3 and 'no selected node is called "pg-3"' in run.errors
    assert polite.count("connected") == 0


def test_no_differences(pgcensus, fleet):
    run = pgcensus("query", "--diff", "--exit-code", "-n", "pg-*", "table knobs", config=fleet)
    assert run.code == 0 and run.lines[-1] == "3 nodes agree"


MADE = [["--diff"], ["--sum", "a"], ["--reduce", "select sum(a) from r"], ["--fold"]]


@pytest.mark.parametrize("made", MADE)
def test_nobody_answered_and_everybody_is_in_the_report(pgcensus, fleet, made, reduces):
    argv = "query", *made, "-n", "dead", "select 1 as a"
    run = pgcensus(*argv, "--json", config=fleet)
    assert run.code == 2
    assert [node["node"] for node in run.doc["nodes"]] == ["dead"]
    run = pgcensus(*argv, config=fleet)
    assert run.code == 2 and "connection refused" in run.errors


FAILING = [["--diff", "--key", "b"], ["--sum", "b"], ["--reduce", "select nothing"]]


@pytest.mark.parametrize("made", FAILING)
def test_who_failed_is_told_before_what_could_not_be_made(pgcensus, fleet, made, reduces):
    run = pgcensus("query", *made, "select 1 as a", config=fleet)
    assert run.code == 3
    first, second = run.errors.splitlines()[:2]
    assert first.startswith("pgcensus: dead: connection refused")
    assert "dead" not in second


@pytest.fixture
def half(fleet, primary):
    """Two nodes of which one is cut off in the middle."""
    nodes = [primary.node("whole"), primary.node("half", dbname="template1")]
    sql = "select case when current_database() = 'postgres' then 1 else g end as a"
    sql += " from generate_series(1, case current_database() when 'postgres' then 2"
    return nodes, sql + " else 4000 end) g"


@pytest.mark.parametrize("made", [["--sum", "a"], ["--reduce", "select sum(a) from r"]])
def test_half_an_answer_is_not_added_up(pgcensus, half, made, reduces):
    nodes, sql = half
    nodes[1]["limits"] = {"max_rows": 10}
    run = pgcensus("query", *made, "-A", "-t", sql, config=nodes)
    assert run.lines == ["2"] and run.code == 1
    assert "not complete are left out" in run.errors
    run = pgcensus("query", *made, sql, config=nodes)
    assert "(1 row from 2 rows, 1 of 2 nodes, 1 in part and left out, " in run.lines[-2]


def test_failures_are_said_once_on_a_terminal(pgcensus, fleet):
    for made in "--fold", "--diff":
        argv = "query", made, "select 1 as a"
        run = pgcensus.on_terminal(*argv, config=fleet, screen=True)
        assert (run.out + run.err).count(b"connection refused") == 1
        run = pgcensus(*argv, config=fleet)
        assert "connection refused" in run.text and "connection refused" in run.errors


# ---- --reduce ----


def test_a_second_statement(pgcensus, fleet, reduces):
    argv = "query", "select value, unit from knobs", "--reduce"
    sql = "select unit, count(*) as n, min(node) as first from r group by 1 order by 1"
    run = pgcensus(*argv, sql, "--csv", config=fleet)
    assert rows(run) == [
        ["unit", "n", "first"],
        *[["", "4", "other"], ["1", "4", "other"], ["3", "3", "pg-1"], ["4", "1", "other"]],
    ]
    run = pgcensus(*argv, sql, config=fleet)
    assert run.lines[-1].startswith("(4 rows from 12 rows, 4 of 5 nodes, ")


def test_the_table_of_nodes(pgcensus, fleet, reduces):
    sql = "select node, status, error is null, latency_ms > 0 from nodes order by node"
    run = pgcensus("query", "--json", "--reduce", sql, "select 1", config=fleet)
    assert run.doc["rows"][0] == ["dead", "failed", 0, 1]
    assert run.doc["rows"][1] == ["other", "ok", 1, 1]
    assert [node["node"] for node in run.doc["nodes"]] == [n["name"] for n in fleet]


@pytest.mark.parametrize(
    "sql, says",
    [
        ("attach 'x' as y", "may only read"),
        ("pragma database_list", "may only read"),
        ("insert into r values (1, 2, 3)", "may only read"),
        ("create table t(a)", "may only read"),
        ("select load_extension('x')", "not authorized"),
        ("select 1; select 2", "only one statement"),
        ("selec 1", "syntax error"),
        ("select nothere from r", "no such column"),
        (";", "empty"),
    ],
)
def test_what_a_reduction_must_not_do(pgcensus, primary, reduces, sql, says):
    run = pgcensus("query", "--reduce", sql, "select 1 as a", config=[primary.node("a")])
    assert run.code == 3 and says in run.errors and not run.out


def test_an_endless_reduction(pgcensus, primary, reduces):
    endless = "with recursive t(n) as (select 1 union all select n from t) select count(*) from t"
    argv = "query", "--deadline", "1s", "--reduce", endless, "select 1"
    run = pgcensus(*argv, config=[primary.node("a")])
    assert run.code == 3 and "deadline" in run.errors and run.seconds < 4


def test_interrupting_a_reduction(pgcensus, primary, reduces):
    import signal
    import time

    endless = "with recursive t(n) as (select 1 union all select n from t) select count(*) from t"
    running = pgcensus.start(
        "query", "--json", "--reduce", endless, "select 1", config=[primary.node("a")]
    )
    time.sleep(1)
    running.signal(signal.SIGINT)
    run = running.end(within=5)
    assert run.code == 130 and run.doc["error"]["class"] == "interrupted"


def test_a_large_result_of_a_reduction_is_cut(pgcensus, primary, reduces):
    many = """with recursive t(n) as (select 1 union all select n+1 from t where n < 5000)
        select n from t"""
    argv = "query", "--max-rows", "10", "--reduce", many, "select 1"
    run = pgcensus(*argv, "--json", config=[primary.node("a")])
    assert run.code == 1 and len(run.doc["rows"]) == 10
    assert run.doc["summary"]["truncated"]


# ---- --sum and the like ----


def test_short_forms(pgcensus, fleet):
    sql = "select v, case when v < 3 then v end as w from (values (1.5), (2), (1e3)) t(v)"
    argv = "query", "-n", "pg-*", "--sum", "v", "--avg", "v", "--min", "v", "--max", "v"
    run = pgcensus(*argv, "--count", "w", "--csv", sql, config=fleet)
    assert rows(run) == [
        ["sum(v)", "avg(v)", "min(v)", "max(v)", "count(w)"],
        ["3010.5", "334.5", "1.5", "1000", "6"],
    ]


def test_sums_are_exact(pgcensus, fleet):
    sql = "select 9223372036854775807 * 10::numeric^30 + 0.1 as n"
    run = pgcensus("query", "-n", "pg-*", "--json", "--sum", "n", sql, config=fleet)
    assert str(3 * 9223372036854775807) + "0" * 30 + ".3" in run.text


def test_a_column_that_is_not_there(pgcensus, fleet):
    run = pgcensus("query", "--sum", "valu", "select 1 as value", config=fleet)
    assert run.code == 3 and 'did you mean "value"' in run.errors
    run = pgcensus("query", "--sum", "t", "select 'abc' as t", config=fleet)
    assert run.code == 3 and '"abc" is not a number' in run.errors


# ---- the pager, and again and again ----


def test_a_table_taller_than_the_screen_is_paged(pgcensus, primary):
    sql = "select * from generate_series(1,100)"
    env = {"PAGER": "sed s/^/paged:/"}
    run = pgcensus.on_terminal(
        "query", sql, config=[primary.node("a")], screen=True, env=env, rows=20
    )
    assert run.out.count(b"paged:") >= 100
    run = pgcensus.on_terminal(
        "query", "select 1", config=[primary.node("a")], screen=True, env=env, rows=20
    )
    assert b"paged:" not in run.out
    for pager in "", "cat", "/nonexistent/pager":
        run = pgcensus.on_terminal(
            *["query", sql], config=[primary.node("a")], screen=True, rows=20,
            env={"PGCENSUS_PAGER": pager},
        )  # fmt: skip
        assert run.code == 0 and b"100\n" in run.out.replace(b"\r", b"")


def test_again_and_again_on_the_same_connections(pgcensus, primary):
    from place import until

    sql = "select pg_backend_pid() as pid"
    running = pgcensus.start(
        "query", "--ndjson", "--repeat", "200ms", sql, config=[primary.node("a")]
    )
    until(lambda: _lines(running) >= 8)
    running.signal(2)
    run = running.end(within=5)
    pids = {
        line["row"]["pid"] for line in map(json.loads, run.lines) if "row" in line
    }
    assert run.code == 130 and len(pids) == 1


def test_ctrl_c_in_a_later_round_ends_with_a_summary(pgcensus, primary):
    from place import until

    sql = "select pg_sleep(case when clock_timestamp() > timestamptz '%s' then 30 end)"
    then = primary.sql("select clock_timestamp() + interval '1 s'")
    argv = "query", "--ndjson", "--repeat", "100ms", sql % then
    running = pgcensus.start(*argv, config=[primary.node("a")])
    until(lambda: _lines(running) >= 4)
    time.sleep(2)
    running.signal(2)
    run = running.end(within=5)
    assert run.code == 130
    last = json.loads(run.lines[-1])
    assert last["exit_code"] == 130 and last["nodes"][0]["error"]["class"] == "cancelled"


@pytest.mark.alone
@pytest.mark.parametrize("form", ["--ndjson", "--json", "--format=table"])
def test_the_deadline_is_that_of_all_rounds(pgcensus, primary, form):
    argv = "query", form, "--repeat", "100ms", "--deadline", "1s", "select 1 as a"
    running = pgcensus.start(*argv, config=[primary.node("a")])
    run = running.end(within=3)
    assert run.code == 0 and 0.9 <= run.seconds < 2.5
    argv = *argv[:-1], "select pg_sleep(0.6)"
    running = pgcensus.start(*argv, config=[primary.node("a")])
    run = running.end(within=3)
    assert run.code == 2 and run.seconds < 2.5
    assert "the whole run may take 1s" in run.errors


@pytest.mark.parametrize("made", MADE)
def test_a_round_without_answers_does_not_end_it(pgcensus, fleet, made, reduces):
    from place import until

    argv = "query", *made, "--repeat", "100ms", "-n", "dead", "select 1 as a"
    running = pgcensus.start(*argv, config=fleet)
    until(lambda: _errors(running) >= 3)
    running.signal(2)
    assert running.end(within=5).code == 130


def _errors(running):
    running.err.seek(0)
    return running.err.read().count(b"connection refused")


def _lines(running):
    running.out.seek(0)
    return running.out.read().count(b"\n")


def test_what_has_changed_is_marked(pgcensus, primary):
    def stop(running, terminal):
        from place import until

        until(lambda: terminal.shown.count(b"row from") >= 3)
        running.signal(2)

    sql = "select 'same' as s, clock_timestamp()::text as t"
    run = pgcensus.on_terminal(
        "query", "--repeat", "300ms", sql, config=[primary.node("a")], screen=True,
        meanwhile=stop, env={"TERM": "xterm-256color"},
    )  # fmt: skip
    first, second = run.out.split(b"row from")[:2]
    assert b"\x1b[38;5;74m" not in first and b"\x1b[38;5;74m20" in second
    assert b"\x1b[38;5;74msame" not in run.out

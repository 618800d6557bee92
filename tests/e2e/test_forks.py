"""Servers that are nearly PostgreSQL: what each can tell is told, and little is logged.

The fleet is in forks.py; whatever it refuses stands for an ERROR in its log."""

import pytest
from forks import FORKS, REPLAY, STANDBY, Fork, not_in_aurora

LIMITS = "--critical", "connections=90%", "--critical", "uptime=1s:"
OLD = "older than 10"

# Role; the parts that are missing, or words of why there are no facts; refusals.
EXPECTED = {
    "aurora-writer": ("primary", {"timeline", "wal"}, 0),
    "aurora-reader": ("standby", {"received", "replayed", "commit", "pause"}, 0),
    "cockroachdb": ("primary", "syntax error", 1),
    "cockroachdb-24": ("primary", {"identity", "timeline", "wal"}, 0),
    "redshift": (None, OLD, 1),
    "greenplum-6": ("primary", OLD, 0),
    "greenplum-7": ("primary", set(), 0),
    "yugabyte": ("primary", {"timeline", "wal", "slots", "senders"}, 0),
    "opengauss": ("primary", OLD, 0),
    "kingbase": ("primary", OLD, 0),
    "rds-proxy": ("primary", set(), 0),
    "pgpool": ("primary", set(), 0),
    "materialize": (None, OLD, 1),
}


@pytest.fixture(params=FORKS)
def name(request):
    return request.param


@pytest.fixture
def server(stage, name):
    return stage.fake(FORKS[name].play)


def assert_quiet(server, most):
    """No statement is refused twice, and it is one connection; a proxy that takes no
    options refuses them once."""
    refused = server.notes("refused")
    assert len(refused) == len(set(refused)) == most, refused
    assert server.count("connected") == 1 + server.count("options refused") <= 2


def test_what_it_can_tell_is_told(pgcensus, name, server):
    run = pgcensus("check", "--json", config=[server.node("a")])
    node = run.node("a")
    role, missing, refused = EXPECTED[name]
    assert run.code == 0 and node["status"] == "ok" and node["role"] == role, run
    if isinstance(missing, str):
        assert node["facts"] is None and missing in node["facts_reason"], run
    else:
        assert {entry["part"] for entry in node["facts_missing"]} == missing, run
        assert all(entry["sqlstate"] for entry in node["facts_missing"]), run
        assert node["facts"]["uptime_s"] == 60
        assert node["facts"]["connections"]["used"] == 7
        assert abs(node["facts"]["clock_offset_ms"]) > 0
    assert_quiet(server, refused)


def test_a_default_check_is_ok(pgcensus, name, server):
    run = pgcensus("check", config=[server.node("a")])
    assert run.code == 0, run
    assert_quiet(server, EXPECTED[name][2])


def test_limits_of_what_it_tells_are_judged(pgcensus, name, server):
    """What was refused beside them is no reason not to."""
    run = pgcensus("check", "--json", *LIMITS, config=[server.node("a")])
    has_facts = isinstance(EXPECTED[name][1], set)
    assert run.node("a")["status"] == ("ok" if has_facts else "unknown"), run
    assert len(run.node("a")["reasons"]) == (0 if has_facts else 2)
    assert_quiet(server, EXPECTED[name][2])


def test_without_facts_nothing_is_refused_but_the_role(pgcensus, name, server):
    run = pgcensus("check", "--json", "--facts", "none", config=[server.node("a")])
    assert run.code == 0 and run.node("a")["role"] == EXPECTED[name][0], run
    assert_quiet(server, int(EXPECTED[name][0] is None))


def test_basic_facts_ask_for_no_lists(pgcensus, name, server):
    run = pgcensus("check", "--json", "--facts", "basic", config=[server.node("a")])
    assert run.code == 0, run
    missing = run.node("a")["facts_missing"]
    assert not {"slots", "senders"} & {entry["part"] for entry in missing or []}


def test_a_fleet_of_them_is_no_cluster(pgcensus, stage):
    nodes = [stage.fake(fork.play).node(name) for name, fork in FORKS.items()]
    run = pgcensus("check", "--json", config=nodes)
    assert run.code == 0, run
    assert all(group["reasons"] == [] for group in run.doc["groups"])


def test_behind_a_pooler_they_are_the_same(pgcensus, name, server):
    run = pgcensus("check", "--json", config=[server.node("a", via="pooler")])
    assert run.code == 0 and run.node("a")["role"] == EXPECTED[name][0], run
    assert server.count("options refused") == 0
    assert_quiet(server, EXPECTED[name][2])


def test_the_console_of_a_pooler(pgcensus, bouncer):
    """Which has neither a role nor facts, and is asked for none."""
    node = bouncer.node("a", dbname="pgbouncer", via="console")
    for options in [], ["--facts", "none"], LIMITS:
        run = pgcensus("check", "--json", *options, config=[node])
        found = run.node("a")
        assert (run.code, found["status"], found["role"]) == (0, "ok", None), run
        assert found["facts"] is None and found["reasons"] == []


# ---- what a limit needed is said in its words ----


def test_a_lag_that_is_made_of_what_was_refused(pgcensus, stage):
    told = {"system_identifier": "7"}
    writer = Fork("15.4", **told)
    reader = Fork("15.4", not_in_aurora(*REPLAY), **{**STANDBY, **told})
    nodes = [stage.fake(writer.play).node("w"), stage.fake(reader.play).node("r")]
    run = pgcensus("check", "--json", "--critical", "lag_bytes=1GB", config=nodes)
    lag = run.node("r")["facts"]["replication"]
    assert lag["lag_reason"] == "refused" and lag["receive_lag_bytes"] is None
    (reason,) = run.node("r")["reasons"]
    assert run.code == 3 and "pg_last_wal_replay_lsn" in reason["message"], run


@pytest.mark.parametrize(
    "fork, limit, words",
    [
        ("yugabyte", "slot_retained=1GB", "replication slots are not supported"),
        ("cockroachdb", "connections=90%", "syntax error"),
        ("greenplum-6", "uptime=5m:", OLD),
    ],
)
def test_a_limit_of_what_is_refused(pgcensus, stage, fork, limit, words):
    server = stage.fake(FORKS[fork].play)
    run = pgcensus("check", "--json", "--critical", limit, config=[server.node("a")])
    (reason,) = run.node("a")["reasons"]
    assert run.code == 3 and words in reason["message"], run


def test_verbose_says_what_is_missing(pgcensus, stage):
    """Silence would be read as \"it has none of these\"."""
    names = "aurora-reader", "cockroachdb", "greenplum-7"
    nodes = [stage.fake(FORKS[name].play).node(name) for name in names]
    run = pgcensus("check", "-v", config=nodes)
    assert run.code == 0, run
    notes = [line for line in run.errors.splitlines() if "note: " in line]
    assert any("cockroachdb: no facts: " in line for line in notes), run
    assert any("aurora-reader" in line and "Aurora" in line for line in notes), run
    assert not any("greenplum-7" in line for line in notes), run

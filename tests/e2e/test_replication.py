"""Facts, lag and verdicts on real fleets: a primary, two standbys and a cascade, and what
becomes of them."""

import json
import re

import fake
import pytest

from place import until
from replicas import Fleet, position

ALL = {"primaries": ["p"], "standbys": ["a", "b", "c"]}


def replication(run, name):
    return run.node(name)["facts"]["replication"]


def lines_of(run):
    return [json.loads(line) for line in run.lines]


def codes(run, group="orders"):
    (found,) = [entry for entry in run.doc["groups"] if entry["group"] == group]
    return [reason["code"] for reason in found["reasons"]]


@pytest.fixture(scope="module")
def fleet(clusters):
    return Fleet(clusters, "repl")


def test_facts_are_what_the_servers_say(pgcensus, fleet):
    fleet.p.sql("select pg_create_physical_replication_slot('keep', true)")
    fleet.settle()
    run = pgcensus("check", "--json", config=fleet.nodes())
    assert run.code == 0, run
    facts = run.node("p")["facts"]
    ask = fleet.p.sql
    assert facts["system_identifier"] == ask(
        "select system_identifier from pg_control_system()"
    )
    assert facts["timeline"] == 1
    assert facts["connections"]["max"] == 40
    assert facts["connections"]["reserved"] == 3
    assert facts["connections"]["used"] >= facts["connections"]["own"] == 1
    assert 0 < facts["uptime_s"] < 600
    assert position(facts["wal_lsn"]) <= fleet.written()
    assert abs(facts["clock_offset_ms"]) <= facts["clock_uncertainty_ms"] + 5
    (slot,) = facts["slots"]
    assert (slot["name"], slot["type"], slot["active"]) == ("keep", "physical", False)
    assert slot["retained_bytes"] >= 0 and slot["wal_status"] == "reserved"
    assert len(facts["senders"]) == 2
    assert {sender["state"] for sender in facts["senders"]} == {"streaming"}
    assert facts["replication"] is None
    fleet.p.sql("select pg_drop_replication_slot('keep')")


def test_standbys_know_their_upstream(pgcensus, fleet):
    run = pgcensus("check", "--json", config=fleet.nodes())
    for name, upstream in ("a", fleet.p), ("b", fleet.p), ("c", fleet.a):
        found = replication(run, name)
        assert found["receiver"] == "streaming"
        assert found["upstream"] == f"{upstream.home}:{upstream.port}"
        assert found["primary"] == "p"
    (group,) = run.doc["groups"]
    assert group == {"group": "orders", "status": "ok", "reasons": [], **ALL}


def test_caught_up_is_zero_however_idle(pgcensus, fleet):
    fleet.write(0)
    run = fleet.still(
        fleet.settle, lambda: pgcensus("check", "--json", config=fleet.nodes())
    )
    for name in "abc":
        found = replication(run, name)
        assert found["replay_lag_bytes"] == found["receive_lag_bytes"] == 0
        assert found["replay_lag_s"] == 0 and found["lag_reason"] is None


def test_lag_in_bytes_is_exact(pgcensus, fleet):
    """What is paused receives, and does not replay."""
    fleet.settle()
    fleet.b.sql("select pg_wal_replay_pause()")
    try:
        until(lambda: fleet.b.sql("select pg_get_wal_replay_pause_state()") == "paused")
        fleet.write()
        run = fleet.still(
            lambda: fleet.received(fleet.b),
            lambda: pgcensus("check", "--json", config=fleet.nodes()),
        )
        found = replication(run, "b")
        lag = position(run.node("p")["facts"]["wal_lsn"]) - fleet.replayed(fleet.b)
        assert found["replay_lag_bytes"] == lag > 2 << 20
        assert found["receive_lag_bytes"] == 0
        assert found["replay_lag_s"] > 0
        assert found["replay_paused"] is True
        assert replication(run, "a")["replay_paused"] is False

        table = pgcensus("check", config=fleet.nodes())
        assert re.search(r"b +standby +ok +\S+ ms +\d+\.\d+ s", table.text)
    finally:
        fleet.b.sql("select pg_wal_replay_resume()")
    fleet.settle()


def test_a_dead_receiver_is_not_zero(pgcensus, fleet):
    fleet.settle()
    fleet.b.sql("alter system set primary_conninfo = 'host=/nowhere'")
    fleet.b.sql("select pg_reload_conf()")
    try:
        until(lambda: fleet.b.sql("select count(*) from pg_stat_wal_receiver") == "0")
        fleet.write()
        run = pgcensus("check", "--json", config=fleet.nodes())
        found = replication(run, "b")
        assert found["receiver"] == "none" and found["upstream"] is None
        assert found["receive_lag_bytes"] > 2 << 20
        assert found["replay_lag_bytes"] > 2 << 20
        assert found["replay_lag_s"] > 0
    finally:
        fleet.b.sql("alter system reset primary_conninfo")
        fleet.b.sql("select pg_reload_conf()")
    fleet.settle()


def test_lines_of_ndjson_have_their_lag(pgcensus, fleet):
    """A standby waits for its group, and no line comes twice."""
    run = pgcensus("check", "--ndjson", config=fleet.nodes())
    lines = [line for line in lines_of(run) if "node" in line]
    assert sorted(line["node"] for line in lines) == ["a", "b", "c", "p"]
    for line in lines:
        if line["role"] == "standby":
            assert line["facts"]["replication"]["replay_lag_bytes"] is not None
    assert lines_of(run)[-1]["groups"][0]["primaries"] == ["p"]


def test_what_is_left_out_still_counts(pgcensus, fleet):
    run = pgcensus("check", "--json", "--role", "standby", config=fleet.nodes())
    assert list(run.nodes) == ["a", "b", "c"]
    assert replication(run, "a")["primary"] == "p"
    assert run.doc["groups"][0]["primaries"] == ["p"]


@pytest.mark.parametrize("selection", ["a", "a,b,c"])
def test_lag_needs_the_primary(pgcensus, fleet, selection):
    run = pgcensus("check", "--json", "-n", selection, config=fleet.nodes())
    found = replication(run, "a")
    assert found["lag_reason"] == "no_primary"
    assert found["replay_lag_bytes"] is found["replay_lag_s"] is None
    assert run.code == 0, "what was not asked is not missing"


def test_a_primary_that_is_down(pgcensus, fleet):
    nodes = fleet.nodes()
    nodes[0]["port"] = 1
    run = pgcensus("check", "--json", config=nodes)
    assert replication(run, "a")["lag_reason"] == "no_primary"
    assert replication(run, "a")["replay_lag_s"] is None
    assert run.code == 2 and codes(run) == ["no_primary"]


def test_levels(pgcensus, fleet):
    full, basic, none = (
        pgcensus("check", "--json", "--facts", level, config=fleet.nodes())
        for level in ("full", "basic", "none")
    )
    assert full.node("p")["facts"]["slots"] == []
    assert basic.node("p")["facts"]["slots"] is None
    assert basic.node("p")["facts"]["senders"] is None
    assert replication(basic, "a")["replay_lag_bytes"] is not None
    assert none.node("p")["facts"] is none.node("p")["facts_reason"] is None
    assert none.node("p")["role"] == "primary"
    assert none.doc["groups"][0]["primaries"] == ["p"]


@pytest.fixture(scope="module")
def roles(fleet):
    fleet.p.sql("create role bare login; create role monitor login in role pg_monitor")
    fleet.settle()


@pytest.mark.parametrize("user", ["bare", "monitor", "postgres"])
def test_what_a_role_may_see(pgcensus, fleet, roles, user):
    nodes = fleet.nodes(user=user)
    run = fleet.still(fleet.settle, lambda: pgcensus("check", "--json", config=nodes))
    assert run.code == 0, run
    facts, standby = run.node("p")["facts"], run.node("a")["facts"]
    for key in "timeline", "system_identifier", "started_at", "wal_lsn", "slots":
        assert facts[key] is not None, key
    assert None not in facts["connections"].values()
    assert standby["replication"]["replay_lag_bytes"] == 0
    sees_all = user != "bare"
    assert standby["replication"]["receiver"] == (
        "streaming" if sees_all else "running"
    )
    assert bool(standby["replication"]["upstream"]) == sees_all
    assert bool(facts["senders"][0]["state"]) == sees_all
    reason = run.node("a")["facts_reason"]
    assert reason is None if sees_all else "pg_monitor" in reason


@pytest.fixture(params=["", ", pg_control_recovery()"], ids=["some", "all"])
def revoked(request, fleet, roles):
    """Functions on the control file."""
    functions = "pg_control_system(), pg_control_checkpoint()" + request.param
    fleet.p.sql(f"revoke execute on function {functions} from public")
    fleet.settle()
    yield
    fleet.p.sql(f"grant execute on function {functions} to public")


@pytest.mark.parametrize("user", ["bare", "monitor"])
def test_what_was_revoked_is_null(pgcensus, fleet, revoked, user):
    """The rest is there all the same, and the node is none the worse."""
    run = pgcensus("check", "--json", config=fleet.nodes(user=user))
    assert run.code == 0, run
    primary, standby = run.node("p"), run.node("a")
    for node in primary, standby:
        assert node["facts"]["system_identifier"] is None
        assert node["facts"]["uptime_s"] > 0
        assert "EXECUTE on pg_control_system()" in node["facts_reason"]
    assert primary["facts"]["timeline"] == 1, "from the name of a WAL file"
    assert primary["facts"]["wal_lsn"] and len(primary["facts"]["senders"]) == 2
    # a receiver tells the timeline, to whom it tells anything
    assert standby["facts"]["timeline"] == (1 if user == "monitor" else None)
    assert ("pg_monitor" in standby["facts_reason"]) == (user == "bare")
    assert ("timeline" in standby["facts_reason"]) == (user == "bare")
    assert standby["facts"]["replication"]["replay_lsn"]
    assert standby["facts"]["replication"]["lag_reason"] == "hidden"
    assert standby["facts"]["replication"]["replay_lag_bytes"] is None
    assert run.doc["groups"][0]["status"] == "ok"


def test_a_limit_of_a_lag_that_is_hidden(pgcensus, fleet, revoked):
    """It is not broken, and not met."""
    argv = "check", "--json", "--critical", "lag_bytes=100MB"
    run = pgcensus(*argv, config=fleet.nodes(user="monitor"))
    assert run.code == 3 and run.node("a")["status"] == "unknown", run
    (reason,) = run.node("a")["reasons"]
    assert reason["message"] == (
        "lag_bytes is not known: to which cluster it belongs is hidden from our role"
    )


def test_facts_do_not_need_a_search_path(pgcensus, fleet):
    """Somebody else's functions and operators are never called."""
    fleet.p.sql(
        "create schema evil; create function evil.pg_is_in_recovery() returns bool "
        "language sql as 'select 1/0 > 0'; "
        "alter role bare set search_path = evil, pg_catalog"
    )
    run = pgcensus("check", "--json", config=fleet.nodes("p", user="bare"))
    assert run.node("p")["facts"]["timeline"] == 1
    fleet.p.sql("alter role bare reset search_path; drop schema evil cascade")


def test_a_pooler_has_no_lag(pgcensus, fleet):
    nodes = fleet.nodes()
    nodes[1]["via"] = "pooler"
    run = pgcensus("check", "--json", config=nodes)
    assert replication(run, "a")["lag_reason"] == "pooler"
    assert replication(run, "a")["replay_lag_bytes"] is None


# ---- what becomes of a fleet ----


def test_promotion_and_split_brain(pgcensus, clusters):
    fleet = Fleet(clusters, "split")
    fleet.write(0)
    fleet.settle()
    require = {"groups": [{"name": "orders", "require": {"primaries": 1}}]}
    config = pgcensus.config(fleet.nodes(), **require)
    assert pgcensus("check", config=config).code == 0

    fleet.p.stop("fast")
    run = pgcensus("check", "--json", config=config)
    assert run.code == 2 and "no_primary" in codes(run)

    fleet.b.sql("select pg_promote()")
    run = pgcensus("check", "--json", config=config)
    assert run.node("b")["role"] == "primary"
    assert run.node("b")["facts"]["timeline"] == 2
    assert run.doc["groups"][0]["primaries"] == ["b"]
    assert replication(run, "a")["lag_reason"] is not None, "a follows nobody"

    fleet.p.start()
    run = pgcensus("check", "--json", config=config)
    assert run.code == 2 and run.doc["status"] == "down"
    assert "split_brain" in codes(run)
    assert run.doc["groups"][0]["primaries"] == ["p", "b"]
    assert {node["status"] for node in run.nodes.values()} == {"ok"}
    table = pgcensus("check", config=config)
    assert "split brain: 2 primaries of one cluster: p, b" in table.text
    # whoever is asked, and however many are well
    without_rules = pgcensus("check", "--json", config=fleet.nodes())
    assert without_rules.code == 2 and "split_brain" in codes(without_rules)
    assert pgcensus("check", "--min-ok", "1", config=config).code == 2
    assert pgcensus("check", "-q", config=config).lines


def test_who_follows_the_primary_of_yesterday(pgcensus, clusters):
    """It streams, and has all that its upstream has; that is not our primary."""
    fleet = Fleet(clusters, "yesterday")
    fleet.write(0)
    fleet.settle()
    fleet.a.sql("select pg_promote()")
    fleet.write(0)
    nodes = fleet.nodes("a", "b")  # b follows p, which nobody asks
    until(lambda: fleet.replayed(fleet.b) >= fleet.written())
    run = pgcensus("check", "--json", config=nodes)
    found = replication(run, "b")
    assert found["receiver"] == "streaming" and found["lag_reason"] == "other_timeline"
    assert found["replay_lag_bytes"] is found["replay_lag_s"] is None
    assert run.code == 1 and codes(run) == ["timeline"]


def test_a_standby_that_is_ahead(pgcensus, clusters):
    """A primary that came back from an old copy has less than its standby."""
    primary = clusters.new("restored")
    standby = clusters.standby("ahead", of=primary)
    primary.stop("fast")
    copy = primary.home + ".copy"
    clusters.place.run("cp", "-a", primary.home, copy)
    primary.start()
    primary.sql("create table t as select generate_series(1, 50000)")
    lsn = "select pg_last_wal_replay_lsn()"
    written = position(primary.sql("select pg_current_wal_lsn()"))
    until(lambda: position(standby.sql(lsn)) >= written)
    primary.stop("immediate")
    clusters.place.run("rm", "-r", primary.home)
    clusters.place.run("cp", "-a", copy, primary.home)
    primary.start()
    until(lambda: standby.sql("select count(*) from pg_stat_wal_receiver") == "0")
    nodes = [
        server.node(name, host=server.home, user="postgres", group="orders")
        for name, server in (("p", primary), ("s", standby))
    ]
    run = pgcensus("check", "--json", config=nodes)
    assert replication(run, "s")["lag_reason"] == "ahead", run
    assert replication(run, "s")["replay_lag_bytes"] is None
    assert run.code == 2 and codes(run) == ["standby_ahead"]


def test_a_stranger_is_found(pgcensus, clusters, fleet):
    """A standby of another cluster, and its primary, in a group that is one."""
    other = clusters.foreign("stranger-p")
    standby = clusters.standby("stranger-s", of=other)
    for stranger in standby, other:
        nodes = fleet.nodes() + [
            stranger.node("x", host=stranger.home, group="orders", user="postgres")
        ]
        run = pgcensus("check", "--json", config=nodes)
        assert run.code == 1 and codes(run) == ["system_identifier"], run
        (reason,) = run.doc["groups"][0]["reasons"]
        assert reason["message"].startswith("x belongs to another cluster")
    rules = {"groups": [{"name": "orders", "require": {"primaries": 1}}]}
    config = pgcensus.config(nodes, **rules)
    run = pgcensus("check", "--json", config=config)
    assert run.code == 2
    assert codes(run) == ["primaries", "system_identifier"]
    lonely = [node for node in nodes if node["name"] in "xa"]
    run = pgcensus("check", "--json", config=lonely)
    assert replication(run, "a")["lag_reason"] == "foreign_cluster"


# ---- thresholds ----


@pytest.mark.parametrize(
    "metric, limit, node, value",
    [
        ("latency", "1us", "p", r"\d+(\.\d+)?(us|ms|s)"),
        ("connections", "1%", "p", r"\d+(\.\d)?%"),
        ("uptime", "1h:", "p", r"\d+(\.\d+)?(s|m)"),
        ("clock_offset", "@0:1h", "p", r"\d+(\.\d+)?(us|ms|s|m)"),
        ("slot_retained", "@0:1TB", "p", r"0.*"),
        ("lag_bytes", "@0:1TB", "a", r"0.*"),
        ("lag_seconds", "@0:1h", "a", r"0.*"),
    ],
)
def test_a_broken_limit(pgcensus, fleet, metric, limit, node, value):
    for option, status, code in ("--warning", "warn", 1), ("--critical", "down", 2):
        run = pgcensus(
            "check", "--json", option, f"{metric}={limit}", config=fleet.nodes()
        )
        assert run.code == code, run
        assert run.node(node)["status"] == status and run.error(node) is None
        (reason,) = run.node(node)["reasons"]
        assert reason["code"] == metric and reason["limit"] == limit
        assert re.fullmatch(value, reason["value"])


def test_limits_of_the_configuration(pgcensus, fleet):
    """Node over group over defaults, the command line over all."""
    nodes = fleet.nodes("p", "a")
    nodes[0]["thresholds"] = {"uptime": {"warn": "1us:"}}
    sections = {
        "defaults": {"thresholds": {"uptime": {"warn": "1h:"}}},
        "groups": [{"name": "orders", "thresholds": {"latency": {"critical": "1us"}}}],
    }
    config = pgcensus.config(nodes, **sections)
    run = pgcensus("check", "--json", config=config)
    reasons = {
        name: [reason["code"] for reason in node["reasons"]]
        for name, node in run.nodes.items()
    }
    assert reasons == {"p": ["latency"], "a": ["latency", "uptime"]}
    generous = pgcensus(
        "check", "--critical", "latency=1h", "--warning", "uptime=0:", config=config
    )
    assert generous.code == 0, generous


def test_what_is_not_known_is_not_fine(pgcensus, fleet):
    """A standby whose primary nobody asked cannot be said to keep a limit."""
    run = pgcensus(
        *["check", "--json", "-n", "a", "--critical", "lag_bytes=1GB"],
        config=fleet.nodes(),
    )
    assert run.code == 3 and run.node("a")["status"] == "unknown"
    (reason,) = run.node("a")["reasons"]
    assert reason["message"] == (
        "lag_bytes is not known: no primary of its cluster answered"
    )
    whole = pgcensus("check", "--critical", "lag_bytes=1GB", config=fleet.nodes())
    assert whole.code == 0, "and a primary has no lag"


# ---- what groups require ----


@pytest.mark.parametrize(
    "rule, code",
    [
        ("primaries=1", None),
        ("primaries=2", "primaries"),
        ("primaries=0", "primaries"),
        ("standbys=3", None),
        ("standbys=4", "standbys"),
        ("min_healthy=4", None),
        ("min_healthy=5", "min_healthy"),
    ],
)
def test_rules(pgcensus, fleet, rule, code):
    run = pgcensus("check", "--json", "--require", rule, config=fleet.nodes())
    assert codes(run) == ([code] if code else [])
    assert run.code == (2 if code else 0)
    if code:
        assert run.doc["groups"][0]["reasons"][0]["limit"] == rule[-1]
        table = pgcensus("check", "--require", rule, config=fleet.nodes())
        assert re.search(r"^✗ orders  \d", table.text, re.MULTILINE)


def test_maintenance_is_no_alarm(pgcensus, fleet):
    nodes = fleet.nodes()
    nodes[0]["enabled"] = False
    run = pgcensus("check", "--json", "--require", "primaries=1", config=nodes)
    assert run.code == 0 and codes(run) == []


def test_what_was_not_reached_is_not_missing(pgcensus, fleet, stage):
    hole = stage.fake(fake.silent).node("hole")
    run = pgcensus(
        *["check", "--json", "-j", "1", "--deadline", "1s", "-T", "5s"],
        *["--require", "primaries=1"],
        config=[hole, *fleet.nodes()],
    )
    assert run.node("p")["status"] == "unknown"
    (group,) = [entry for entry in run.doc["groups"] if entry["group"] == "orders"]
    assert (group["status"], group["reasons"]) == ("unknown", [])


def test_a_part_without_a_group(pgcensus, fleet):
    """Whoever was not selected is not missing there either."""
    nodes = fleet.nodes()
    for node in nodes:
        del node["group"]
    run = pgcensus("check", "--require", "primaries=1", "-n", "a", config=nodes)
    assert run.code == 0, run
    whole = pgcensus("check", "--require", "primaries=2", config=nodes)
    assert whole.code == 2


def test_limits_that_nobody_can_tell(pgcensus, fleet):
    refused = pgcensus(
        *["check", "--facts", "none", "--critical", "lag_bytes=1MB"],
        config=fleet.nodes(),
    )
    assert refused.code == 3 and "needs facts" in refused.errors
    run = pgcensus(
        *["check", "--json", "--facts", "basic", "--warning", "slot_retained=1MB"],
        config=fleet.nodes("p"),
    )
    (reason,) = run.node("p")["reasons"]
    assert "--facts full" in reason["message"]


def test_rules_of_the_configuration(pgcensus, fleet):
    rules = {"groups": [{"name": "orders", "require": {"min_healthy": 5}}]}
    config = pgcensus.config(fleet.nodes(), **rules)
    assert codes(pgcensus("check", "--json", config=config)) == ["min_healthy"]
    part = pgcensus("check", "--json", "-n", "p,a", config=config)
    assert part.code == 0, "only a part of the group was asked"

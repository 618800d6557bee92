"""What a library's user sees of a fleet over time: pools, watching, stopping.

`check` shows one moment; the requirements about connections that stay open, about nodes
that come and go, and about the end are held here."""

import os
import time

import fake
import pytest
from fleet import Fleet
from place import until
from stage import Hole, Refuser

QUICK = {
    "check": {"interval": "100ms", "fast_interval": "50ms", "timeout": "1s"},
    "reconnect": {"initial": "100ms", "max": "400ms", "jitter": "0%"},
    "connect_timeout": "1s",
}


@pytest.fixture(scope="module")
def open_fleet(companion, pgcensus):
    driver = companion("fleet_driver")

    def start(nodes):
        return Fleet(driver, pgcensus.config(nodes), pgcensus.environment())

    return start


def backends(cluster):
    """Ours, on that server."""
    return int(
        cluster.sql(
            "select count(*) from pg_stat_activity where application_name = 'pgcensus'"
        )
    )


# ---- pools ----


def test_each_node_can_be_asked(open_fleet, primary, standby):
    with open_fleet([primary.node("a"), standby.node("b")]) as fleet:
        ports = {name: fleet.ask(name, "show port")["cell"] for name in "ab"}
    assert ports == {"a": str(primary.port), "b": str(standby.port)}


def test_a_statement_that_fails_says_why(open_fleet, primary):
    with open_fleet([primary.node("a")]) as fleet:
        answer = fleet.ask("a", "select 1/0")
        assert (answer["failed"], answer["class"]) == ("1", "query")
        assert answer["sqlstate"] == "22012"
        assert fleet.ask("a", "select 1")["cell"] == "1"
        assert fleet.snapshot("a")["opened"] == "1"


def test_questions_in_a_row_use_one_backend(open_fleet, primary):
    with open_fleet([primary.node("a")]) as fleet:
        pids = {fleet.ask("a", "select pg_backend_pid()")["cell"] for _ in range(10)}
        assert len(pids) == 1
        assert fleet.snapshot("a")["opened"] == "1"


def test_an_idle_connection_ages_out(open_fleet, primary):
    node = primary.node("a", pool={"min": 0, "idle_timeout": "200ms"}, **QUICK)
    with open_fleet([node]) as fleet:
        first = fleet.ask("a", "select pg_backend_pid()")["cell"]
        fleet.do("monitor")
        fleet.turn(0.6)
        assert fleet.ask("a", "select pg_backend_pid()")["cell"] != first


def test_statistics_of_a_pool(open_fleet, primary):
    node = primary.node("a", pool={"min": 2, "max": 3}, **QUICK)
    with open_fleet([node]) as fleet:
        fleet.do("monitor")
        fleet.until(5, "check.ok", "a")
        for _ in range(3):
            fleet.ask("a", "select 1")
        fleet.turn(0.1)
        pool = fleet.snapshot("a")
    assert (pool["min"], pool["max"]) == ("2", "3")
    assert 2 <= int(pool["total"]) <= 3
    assert int(pool["idle"]) + int(pool["busy"]) == int(pool["total"])
    assert int(pool["acquired"]) >= 3
    assert (pool["waiting"], pool["lost"]) == ("0", "0")


def test_a_question_has_a_deadline(open_fleet, primary):
    with open_fleet([primary.node("a")]) as fleet:
        answer = fleet.ask("a", "select pg_sleep(77)", seconds=0.5)
        assert (answer["class"], answer["phase"]) == ("timeout", "query")
    left = "select count(*) from pg_stat_activity where query like '%pg_sleep(77)'"
    until(lambda: primary.sql(f"{left} and pid <> pg_backend_pid()") == "0", 3)


# ---- watching ----


def test_every_node_is_announced_and_connected(open_fleet, primary, standby):
    nodes = [primary.node("a", **QUICK), standby.node("b", **QUICK)]
    with open_fleet(nodes) as fleet:
        fleet.do("monitor")
        events = fleet.turn(1.5)
    for name in "ab":
        kinds = [e["kind"] for e in events if e["node"] == name]
        assert kinds[0] == "node.added"
        assert "node.connected" in kinds and "check.ok" in kinds
        (health,) = [e for e in events if e["node"] == name and e["to"] == "healthy"]
        assert health["from"] == "connecting"


def test_checks_keep_their_interval(open_fleet, stage):
    server = stage.fake(fake.polite)
    with open_fleet([server.node("a", **QUICK)]) as fleet:
        fleet.do("monitor")
        fleet.until(5, "check.ok", "a")
        fleet.turn(2)
        checks = int(fleet.snapshot("a")["checks"])
    assert 12 <= checks <= 22
    assert server.count("connected") <= 3


def test_twenty_nodes_are_connected_within_five_seconds(open_fleet, primary):
    nodes = [primary.node(f"n{i:02}") for i in range(20)]
    with open_fleet(nodes) as fleet:
        *results, end = fleet.do("check")
    assert [line["status"] for line in results] == ["ok"] * 20
    assert float(end["ms"]) < 5000


def test_a_stopped_server_is_unhealthy_within_two_seconds(open_fleet, clusters):
    """With the built-in intervals, and healthy again when it is back."""
    cluster = clusters.new("comes-and-goes")
    with open_fleet([cluster.node("a")]) as fleet:
        fleet.do("monitor")
        fleet.until(10, "node.health", "a", "healthy")
        cluster.stop("fast")
        (*_, event) = fleet.until(2, "node.health", "a", "unhealthy")
        assert event["class"] in ("lost", "refused", "not_ready")
        cluster.start()
        fleet.until(10, "node.health", "a", "healthy")
        assert fleet.ask("a", "select 1")["cell"] == "1"


def test_a_start_with_all_down_recovers(open_fleet, clusters):
    cluster = clusters.new("late", start=False)
    with open_fleet([cluster.node("a", **QUICK)]) as fleet:
        fleet.do("monitor")
        fleet.until(5, "node.health", "a", "unhealthy")
        cluster.start()
        fleet.until(5, "node.health", "a", "healthy")


def test_a_terminated_backend_is_no_alarm(open_fleet, primary):
    with open_fleet([primary.node("a")]) as fleet:
        fleet.do("monitor")
        fleet.until(10, "node.health", "a", "healthy")
        primary.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'pgcensus'"
        )
        events = fleet.turn(1.5)
        assert not [e for e in events if e["kind"] == "node.health"], events
        assert fleet.ask("a", "select 1")["cell"] == "1"


def test_backoff_grows_to_its_cap(open_fleet):
    refuser = Refuser()
    with open_fleet([refuser.node("a", **QUICK)]) as fleet:
        fleet.do("monitor")
        events = fleet.turn(2)
    refuser.close()
    delays = [float(e["delay_ms"]) for e in events if e["kind"] == "retry.scheduled"]
    assert delays[:3] == [100, 200, 400]
    assert set(delays[3:]) == {400}


def test_after_the_last_attempt_a_node_is_failed(open_fleet):
    refuser = Refuser()
    reconnect = {**QUICK["reconnect"], "max_attempts": 2}
    with open_fleet([refuser.node("a", **{**QUICK, "reconnect": reconnect})]) as fleet:
        fleet.do("monitor")
        fleet.until(5, "node.health", "a", "failed")
        later = fleet.turn(1)
        assert {event["kind"] for event in later} <= {"retry.exhausted"}
        assert fleet.snapshot("a")["state"] == "failed"
    refuser.close()


# ---- nodes that come and go ----


def test_a_node_comes_moves_and_goes(open_fleet, pgcensus, clusters):
    old, new = clusters.new("old"), clusters.new("new")
    with open_fleet([old.node("a", pool={"min": 2}, **QUICK)]) as fleet:
        fleet.do("monitor")
        fleet.until(5, "node.health", "a", "healthy")
        fleet.ask("a", "select 1")
        until(lambda: fleet.turn(0.1) is not None and backends(old) >= 2)

        config = pgcensus.config([new.node("a", **QUICK)])
        assert fleet.do("renew", config)[-1].word == "done"
        fleet.until(5, "check.ok", "a")
        assert fleet.ask("a", "show port")["cell"] == str(new.port)
        until(lambda: fleet.turn(0.1) is not None and backends(old) == 0)

        config = pgcensus.config([old.node("b", **QUICK)])
        assert fleet.do("renew", config)[-1].word == "error"  # there is none yet
        assert fleet.do("add", config)[-1].word == "done"
        assert fleet.do("add", config)[-1].word == "error"
        fleet.until(5, "node.health", "b", "healthy")
        assert fleet.ask("b", "show port")["cell"] == str(old.port)
        statuses = {line["node"]: line["status"] for line in fleet.do("check")[:-1]}
        assert statuses == {"a": "ok", "b": "ok"}

        assert fleet.do("remove", "a")[-1].word == "done"
        fleet.until(5, "node.removed", "a")
        until(lambda: fleet.turn(0.1) is not None and backends(new) == 0)
        assert fleet.do("ask", 1000, "a", "select 1")[-1].word == "error"
        assert [line["node"] for line in fleet.do("check")[:-1]] == ["b"]


def test_a_suspended_node_lets_its_server_go(open_fleet, clusters):
    cluster = clusters.new("suspended")
    with open_fleet([cluster.node("a", pool={"min": 2}, **QUICK)]) as fleet:
        fleet.do("monitor")
        fleet.until(5, "node.health", "a", "healthy")
        assert fleet.do("suspend", "a")[-1].word == "done"
        until(lambda: fleet.turn(0.1) is not None and backends(cluster) == 0)
        assert {event["kind"] for event in fleet.turn(1)} == set()
        assert fleet.do("resume", "a")[-1].word == "done"
        fleet.until(5, "node.health", "a", "healthy")


# ---- the end ----


def test_nothing_is_left_after_the_end(open_fleet, clusters):
    cluster = clusters.new("ends")
    nodes = [cluster.node("a", pool={"min": 3}), cluster.node("b")]
    with open_fleet(nodes) as fleet:
        fleet.do("monitor")
        fleet.until(10, "check.ok", "a")
        until(lambda: fleet.turn(0.1) is not None and backends(cluster) >= 4)
        assert fleet.stop() < 5
        until(lambda: backends(cluster) == 0, 3)
        fleet.do("free")
        assert len(os.listdir(f"/proc/{fleet.process.pid}/fd")) <= 4


@pytest.mark.parametrize("script", [fake.silent, fake.mute_after_login])
def test_a_stop_does_not_wait_for_nodes_that_are_stuck(open_fleet, stage, script):
    server = stage.fake(script)
    hole = Hole()
    slow = {"connect_timeout": "60s", "check": {"timeout": "60s"}}
    nodes = [server.node("stuck", **slow), hole.node("hole", **slow)]
    with open_fleet(nodes) as fleet:
        fleet.do("monitor")
        until(lambda: fleet.turn(0.1) is not None and server.count("mute"), 10)
        started = time.monotonic()
        fleet.stop(0.5)
        assert time.monotonic() - started < 1.5
    hole.close()


def test_who_stopped_takes_no_more_work(open_fleet, primary):
    with open_fleet([primary.node("a")]) as fleet:
        fleet.ask("a", "select 1")
        fleet.stop()
        assert fleet.do("ask", 1000, "a", "select 1")[-1].word == "error"

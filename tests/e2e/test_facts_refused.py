"""Real servers that refuse a role some of what a check asks for: only that is null, and
their logs have no ERROR of ours."""

import pytest
from cluster import Session
from place import until

# Revoked from everybody → parts that a primary and a standby lack then.
BOTH = {
    "pg_control_system()": {"identity"},
    "pg_control_checkpoint()": {"identity"},
    "pg_control_recovery()": {"identity"},
    "pg_postmaster_start_time()": {"uptime"},
    "clock_timestamp()": {"clock"},
    "pg_stat_get_activity(int)": {"connections", "senders"},
    "pg_stat_get_wal_senders()": {"connections", "senders"},
    "pg_get_replication_slots()": {"slots", "senders"},
    "pg_wal_lsn_diff(pg_lsn, pg_lsn)": {"slots"},
    "set_config(text, text, bool)": set(),
}
PRIMARY = {
    **BOTH,
    "pg_is_in_recovery()": {"role", "timeline", "wal"},
    "pg_current_wal_lsn()": {"timeline", "wal"},
    "pg_walfile_name(pg_lsn)": {"timeline"},
    "current_setting(text)": {"role", "connections"},
}
STANDBY = {
    **BOTH,
    "pg_is_in_recovery()": {"role", "received", "replayed", "commit", "pause"},
    "pg_last_wal_receive_lsn()": {"received"},
    "pg_last_wal_replay_lsn()": {"replayed"},
    "pg_last_xact_replay_timestamp()": {"commit"},
    "pg_is_wal_replay_paused()": {"pause"},
    "pg_stat_get_wal_receiver()": {"receiver"},
    "current_setting(text)": {"role", "connections"},
}


class Pair:
    """A primary, and a standby that uses a slot and is late on purpose."""

    def __init__(self, clusters):
        self.p = clusters.new("facts-p", max_worker_processes="12")
        self.p.sql(
            "select pg_create_physical_replication_slot('of_s');"
            "create role bare login; create role monitor login in role pg_monitor"
        )
        self.s = clusters.standby(
            "facts-s", of=self.p, primary_slot_name="of_s",
            recovery_min_apply_delay="1ms",
        )  # fmt: skip
        until(lambda: self.p.sql("select state from pg_stat_replication") == "streaming")

    def settle(self):
        written = self.p.sql("select pg_current_wal_lsn()")
        replayed = f"select pg_last_wal_replay_lsn() >= '{written}'"
        until(lambda: self.s.sql(replayed) == "t")

    def nodes(self, user):
        pair = {"p": self.p, "s": self.s}
        return [
            server.node(name, host=server.home, user=user)
            for name, server in pair.items()
        ]


@pytest.fixture(scope="module")
def pair(clusters):
    return Pair(clusters)


@pytest.fixture
def quiet(pair):
    """What the servers complain of during the test: nothing."""
    before = [len(server.log()) for server in (pair.p, pair.s)]
    yield
    for server, length in zip((pair.p, pair.s), before):
        said = server.log()[length:]
        assert "ERROR" not in said and "STATEMENT" not in said, said


@pytest.fixture
def revoked(pair):
    """Takes what is given from everybody; afterwards everybody has it again."""
    given_back = []

    def revoke(what):
        pair.p.sql(f"revoke {what} from public")
        given_back.append(what)
        pair.settle()

    yield revoke
    for what in given_back:
        pair.p.sql(f"grant {what} to public")
    pair.settle()


def missing(node):
    return {entry["part"] for entry in node["facts_missing"]}


@pytest.mark.parametrize("user", ["bare", "monitor", "postgres"])
def test_nothing_is_missing_where_nothing_was_revoked(pgcensus, pair, quiet, user):
    run = pgcensus("check", "--json", config=pair.nodes(user))
    assert run.code == 0, run
    for node in run.doc["nodes"]:
        assert node["facts_missing"] == [], node
        assert node["facts"]["system_identifier"] and node["facts"]["timeline"] == 1
        assert node["facts"]["slots"] is not None


@pytest.mark.parametrize("function", {**PRIMARY, **STANDBY})
def test_one_function_costs_only_what_needs_it(pgcensus, pair, revoked, quiet, function):
    revoked(f"execute on function {function}")
    run = pgcensus("check", "--json", config=pair.nodes("bare"))
    p, s = run.node("p"), run.node("s")
    assert (p["role"], s["role"]) == ("primary", "standby"), run
    assert missing(p) == PRIMARY.get(function, set()), run
    assert missing(s) == STANDBY.get(function, set()), run
    for entry in p["facts_missing"] + s["facts_missing"]:
        assert entry["sqlstate"] == "42501"
        assert "permission denied for function" in entry["message"]


def test_everything_at_once(pgcensus, pair, revoked, quiet):
    """The nodes are as well as before, and a superuser is refused nothing."""
    for function in {**PRIMARY, **STANDBY}:
        revoked(f"execute on function {function}")
    run = pgcensus("check", "--json", config=pair.nodes("bare"))
    assert run.code == 0, run
    assert missing(run.node("p")) == set().union(*PRIMARY.values())
    assert missing(run.node("s")) == set().union(*STANDBY.values())
    run = pgcensus("check", "--json", config=pair.nodes("postgres"))
    assert missing(run.node("p")) == missing(run.node("s")) == set(), run


def test_a_view_is_refused_like_a_function(pgcensus, pair, revoked, quiet):
    revoked("select on pg_stat_activity")
    argv = "check", "--json", "--critical", "connections=90%"
    run = pgcensus(*argv, config=pair.nodes("bare"))
    assert missing(run.node("p")) == {"connections"}, run
    (reason,) = run.node("p")["reasons"]
    assert "permission denied for view pg_stat_activity" in reason["message"]
    assert run.code == 3


def test_without_plpgsql_there_are_facts(pgcensus, pair, revoked):
    """And one ERROR a check, which only a right to PL/pgSQL would avoid."""
    revoked("usage on language plpgsql")
    before = len(pair.p.log())
    run = pgcensus("check", "--json", config=pair.nodes("bare"))
    assert run.code == 0 and missing(run.node("p")) == set(), run
    assert run.node("p")["facts"]["wal_lsn"]
    assert pair.p.log()[before:].count("ERROR") == 1


# ---- what the facts say ----


@pytest.fixture
def locked(pair):
    """A lock on a catalog, as of somebody who rebuilds it and is not done."""
    pair.p.sql("alter role trusty superuser")
    session = Session(pair.p)

    def lock(what):
        locking = f"begin; lock table {what} in access exclusive mode; select 'held'"
        assert session.ask(locking) == "held"

    yield lock
    session.close()
    pair.p.sql("alter role trusty nosuperuser")


@pytest.mark.parametrize("limit", ["0", "'1h'", "'20ms'"])
def test_a_lock_costs_only_what_it_holds(pgcensus, pair, locked, quiet, limit):
    """A check waited for it, and left a backend behind that lock for as long as it was
    held where a statement cannot be cancelled."""
    pair.p.sql(f"alter role bare set lock_timeout = {limit}")
    locked("pg_catalog.pg_subscription")
    try:
        run = pgcensus("check", "--json", config=pair.nodes("bare")[:1])
    finally:
        pair.p.sql("alter role bare reset lock_timeout")
    (node,) = run.doc["nodes"]
    assert {entry["sqlstate"] for entry in node["facts_missing"]} == {"55P03"}, run
    assert missing(node) == {"connections"}, run
    assert node["facts"]["wal_lsn"] and node["facts"]["slots"] is not None, run


def test_a_sender_and_its_receiver_have_one_slot(pgcensus, pair, quiet):
    """Which role may see it or not: the sender's is told to all."""
    for user in "bare", "monitor":
        run = pgcensus("check", "--json", config=pair.nodes(user))
        (sender,) = run.node("p")["facts"]["senders"]
        (slot,) = run.node("p")["facts"]["slots"]
        assert sender["slot"] == slot["name"] == "of_s" and slot["active"]
        replication = run.node("s")["facts"]["replication"]
        assert replication["slot"] == ("of_s" if user == "monitor" else None)
        assert replication["apply_delay_s"] == 0.001


def connections(pgcensus, pair, user):
    run = pgcensus("check", "--json", config=pair.nodes(user))
    return run.node("p")["facts"]["connections"]


@pytest.fixture
def busy(pair):
    """One client with some parallel workers."""
    pair.p.sql(
        "create table busy as select g from generate_series(1, 1000) g;"
        "alter table busy set (parallel_workers = 4); grant select on busy to public"
    )
    session = Session(pair.p)
    for name, value in {
        "min_parallel_table_scan_size": "0",
        "parallel_setup_cost": "0",
        "parallel_tuple_cost": "0",
        "max_parallel_workers_per_gather": "4",
    }.items():
        session.ask(f"set {name} = {value}; select 1")
    session.psql.stdin.write("select count(pg_sleep(0.2 + g * 0)) from busy;\n")
    session.psql.stdin.flush()
    workers = "select count(*) from pg_stat_activity where backend_type = 'parallel worker'"
    until(lambda: int(pair.p.sql(workers)) >= 2)
    yield
    pair.p.sql("select pg_terminate_backend(pid) from pg_stat_activity where query ~ 'busy'"
               " and backend_type = 'client backend' and pid <> pg_backend_pid()")
    session.close()


def test_workers_are_no_connections(pgcensus, pair, busy):
    """12 of them were "connections 200 %, critical" on a server with ten."""
    until(lambda: connections(pgcensus, pair, "monitor")["used"] == 2)
    seen = connections(pgcensus, pair, "monitor")
    assert seen["used"] == seen["used_at_least"]
    guessed = connections(pgcensus, pair, "bare")
    assert guessed["used_at_least"] <= 2 < guessed["used"] <= guessed["max"]


@pytest.mark.parametrize("user", ["bare", "monitor"])
def test_a_walsender_is_no_connection(pgcensus, pair, user):
    """Only the check is left when others have gone."""
    until(lambda: connections(pgcensus, pair, user)["used"] == 1)


def test_a_lost_slot_holds_nothing_back(pgcensus, clusters):
    server = clusters.new("facts-lost", max_slot_wal_keep_size="1MB", max_wal_size="2MB")
    server.sql("select pg_create_physical_replication_slot('gone', true);"
               "create table w (x text)")
    status = "select wal_status from pg_replication_slots"
    for _ in range(20):
        server.sql("insert into w select repeat('x', 1000) from generate_series(1, 9000)")
        server.sql("checkpoint")
        if server.sql(status) == "lost":
            break
    (slot,) = pgcensus(
        "check", "--json", config=[server.node("a", host=server.home)]
    ).node("a")["facts"]["slots"]
    assert slot["wal_status"] == "lost" and slot["retained_bytes"] is None

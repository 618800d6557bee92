"""Verdicts that were wrong once: two names of one server, identities that are hidden,
slots that are lost, standbys that do not stream, all of them real."""

import os

import exposition
import fake
import pytest
import wire

from place import until
from replicas import Fleet, position

OLD = {"server_version": "13.4", "in_hot_standby": None}
HIDDEN = "pg_control_system(), pg_control_checkpoint(), pg_control_recovery()"


@pytest.fixture(scope="module")
def shop(clusters):
    return clusters.new("shop-w")


@pytest.fixture(scope="module")
def replica(clusters, shop):
    standby = clusters.standby("shop-r", of=shop)
    caught_up(standby, shop)
    return standby


@pytest.fixture(scope="module")
def blog(clusters):
    server = clusters.foreign("blog-w")
    server.sql("create role trusty login")
    return server


def caught_up(standby, primary):
    target = position(primary.sql("select pg_current_wal_lsn()"))
    lsn = "select pg_last_wal_replay_lsn()"
    until(lambda: position(standby.sql(lsn) or "0/0") >= target)


def at(server, name, **keys):
    return server.node(name, host=server.home, **{"user": "postgres", **keys})


def groups(run):
    return {group["group"]: group for group in run.doc["groups"]}


def codes(run, group="g"):
    return [reason["code"] for reason in groups(run)[group]["reasons"]]


def reasons(run, name):
    return {reason["code"]: reason["message"] for reason in run.node(name)["reasons"]}


def metrics_of(pgcensus, config, *argv):
    run = pgcensus("check", "--format", "prometheus", *argv, config=config)
    return exposition.parse(run.text)


# ---- no verdict without identity ----


def hide(*servers):
    for server in servers:
        server.sql(f"revoke execute on function {HIDDEN} from public")


@pytest.fixture(params=["none", "revoked"])
def hidden(request, shop, replica, blog):
    """How to ask so that nobody can say which primary belongs to which cluster."""
    if request.param == "none":
        yield ["--facts", "none"], "postgres"
        return
    hide(shop, blog)
    caught_up(replica, shop)
    yield [], "trusty"
    for server in shop, blog:
        server.sql(f"grant execute on function {HIDDEN} to public")
    caught_up(replica, shop)


def test_no_split_brain_of_a_sound_fleet(pgcensus, hidden, shop, replica, blog):
    argv, user = hidden
    nodes = [
        at(shop, "shop-w", user=user),
        at(replica, "shop-r", user=user),
        at(blog, "blog-w", user=user),
    ]
    run = pgcensus("check", "--json", *argv, config=nodes)
    assert run.code == 0 and run.doc["groups"] == [], run
    for node in nodes:
        node["group"] = "g"
    run = pgcensus("check", "--json", *argv, config=nodes)
    assert run.code == 0 and codes(run) == [], "a group without rules is a name"
    run = pgcensus("check", "--json", *argv, "--require", "primaries=1", config=nodes)
    assert run.code == 3 and run.doc["status"] == "unknown", run
    assert groups(run)["g"]["status"] == "unknown"
    assert codes(run) == ["identity_unknown"]


async def no_role(peer, statement):
    """A primary that is too busy to say what it is."""
    if "SELECT 1" in statement:
        await peer.answer(wire.ONE)
    else:
        await peer.answer(wire.error("57014", "canceling", severity="ERROR"))


def test_no_role_is_no_missing_primary(pgcensus, stage):
    standby = fake.telling(standby="t", read_only="on")
    nodes = [
        stage.fake(fake.with_statements(no_role), **OLD).node("a", group="g"),
        stage.fake(standby).node("b", group="g"),
    ]
    run = pgcensus("check", "--json", config=nodes)
    assert run.code == 0 and codes(run) == [] and run.node("a")["role"] is None, run
    run = pgcensus("check", "--json", "--require", "primaries=1", config=nodes)
    assert run.code == 3 and codes(run) == ["role_unknown"], run
    (reason,) = groups(run)["g"]["reasons"]
    assert reason["message"] == "0 primaries known, required: 1; no role is told by a"
    metrics = metrics_of(pgcensus, nodes)
    assert metrics.find("pgcensus_group_primaries", group="g") is None


def test_names_are_never_cut(pgcensus, stage):
    """Twenty primaries, and words for seven of them."""
    nodes = [
        stage.fake(fake.polite).node(f"{letter * 20}-of-many", group="g")
        for letter in "abcdefghijklmnopqrst"
    ]
    argv = "check", "--json", "--facts", "none", "--require", "primaries=1"
    run = pgcensus(*argv, config=nodes)
    (reason,) = groups(run)["g"]["reasons"]
    listed = reason["message"].split(": ")[1]
    words = listed.replace(" and ", ", ").split(", ")
    names = [node["name"] for node in nodes]
    assert 1 < len(words) < 20 and words[:-1] == names[: len(words) - 1], listed
    assert words[-1] == f"{20 - len(words) + 1} more", listed


# ---- no identity twice ----


@pytest.fixture(params=["[]", "none"])
def facts(request):
    return ["--facts", "none"] if request.param == "none" else []


def test_two_names_of_one_server(pgcensus, facts, shop, replica):
    """Two databases of one server, and one that is switched off."""
    nodes = [
        at(shop, "w", group="g"),
        at(shop, "w-too", group="g", dbname="template1"),
        at(shop, "w-off", group="g", enabled=False),
        at(replica, "r", group="g"),
        at(replica, "r-too", group="g", dbname="template1"),
    ]
    argv = ["check", "--json", *facts, "--require", "primaries=1"]
    run = pgcensus(*argv, config=nodes)
    assert run.code == 0 and codes(run) == [], run
    assert groups(run)["g"]["primaries"] == ["w"]
    assert groups(run)["g"]["standbys"] == ["r"]
    metrics = metrics_of(pgcensus, nodes, *facts)
    assert metrics.find("pgcensus_group_primaries", group="g") == 1
    for rule in "standbys=2", "min_healthy=3", "primaries=2":
        run = pgcensus("check", "--json", *facts, "--require", rule, config=nodes)
        assert run.code == 2 and codes(run) == [rule.split("=")[0]], run


def test_another_address_of_a_server(pgcensus, shop, replica):
    """As by a VIP: only the server itself can tell."""
    nodes = [
        at(shop, "w", group="g"),
        shop.node("vip", group="g", user="trusty"),
        at(replica, "r", group="g"),
    ]
    run = pgcensus("check", "--json", "--require", "primaries=1", config=nodes)
    assert run.code == 0 and codes(run) == [], run
    run = pgcensus("nodes", "--topology", "--json", config=nodes)
    placed = {n["node"]: n for c in run.doc["clusters"] for n in c["nodes"]}
    assert placed["vip"]["same_server_as"] == "w"


def test_two_primaries_are_two_clusters(pgcensus, shop, replica, blog):
    nodes = [
        at(server, name, group="g")
        for name, server in (("w", shop), ("r", replica), ("b", blog))
    ]
    argv = "check", "--json", "--require"
    run = pgcensus(*argv, "primaries=2", config=nodes)
    assert run.code == 0 and codes(run) == [], run
    run = pgcensus(*argv, "primaries=1", config=nodes)
    assert run.code == 2 and codes(run) == ["primaries", "system_identifier"]
    run = pgcensus(*argv, "primaries=2", config=nodes[:2])
    assert run.code == 2 and codes(run) == ["primaries"]


def test_a_disabled_node_is_known_by_its_address(pgcensus, shop, replica):
    nodes = [at(shop, "w", enabled=False), at(replica, "r")]
    run = pgcensus("nodes", "--topology", "--json", config=nodes)
    (cluster,) = run.doc["clusters"]
    (node,) = cluster["nodes"]
    assert node["upstream"] is None and node["upstream_reason"] == "disabled"
    assert node["upstream_unplaced"] == "w"
    table = pgcensus("nodes", "--topology", config=nodes)
    assert "which is w (disabled)" in table.text


# ---- slots ----


@pytest.fixture(scope="module")
def losing(clusters):
    server = clusters.new(
        "losing", max_slot_wal_keep_size="1MB", wal_level="logical", max_wal_size="2MB"
    )
    server.sql("select pg_create_physical_replication_slot('gone', true)")
    server.sql("select pg_create_physical_replication_slot('unused')")
    server.sql("create table w (x text)")
    for _ in range(8):
        server.sql(
            "insert into w select repeat('x', 1000) from generate_series(1, 1000)"
        )
        server.sql("select pg_switch_wal(); checkpoint")
    status = "select wal_status from pg_replication_slots where slot_name = 'gone'"
    until(lambda: server.sql(status) == "lost")
    return server


def test_a_lost_slot_is_no_zero(pgcensus, losing):
    """The alarm does not clear at the moment when the subscriber is dead."""
    nodes = [at(losing, "n")]
    limits = "--warning", "slot_retained=1MB", "--critical", "slot_retained=10MB"
    run = pgcensus("check", "--json", *limits, config=nodes)
    assert run.code == 1 and run.node("n")["status"] == "warn", run
    assert list(reasons(run, "n")) == ["slot_lost"]
    assert "slot gone is lost" in reasons(run, "n")["slot_lost"]
    slots = {slot["name"]: slot for slot in run.node("n")["facts"]["slots"]}
    assert slots["gone"]["retained_bytes"] is None
    assert "slot gone is lost" in pgcensus("check", config=nodes).text
    plugin = pgcensus("check", "--format", "nagios", *limits, config=nodes).text
    assert "slot gone is lost" in plugin and "slot_retained" not in plugin
    metrics = metrics_of(pgcensus, nodes)
    assert metrics.find("pgcensus_slot", slot="gone", wal_status="lost") == 1
    assert metrics.find("pgcensus_slot", slot="unused") == 1
    assert metrics.find("pgcensus_slot_retained_bytes", slot="gone") is None


def test_an_inactive_slot_is_seen(pgcensus, shop, replica):
    shop.sql("select pg_create_physical_replication_slot('left', true)")
    shop.sql("create table if not exists t (x text); insert into t values ('x')")
    try:
        run = pgcensus("check", config=[at(shop, "n")])
        assert run.code == 0 and "inactive slot left retains" in run.text, run
        run = pgcensus("check", "--csv", config=[at(shop, "n")])
        assert "inactive slot left retains" in run.text
    finally:
        shop.sql("select pg_drop_replication_slot('left')")
    caught_up(replica, shop)


# ---- standbys ----


@pytest.fixture(scope="module")
def fleet(clusters):
    fleet = Fleet(clusters, "verdict", group="g")
    fleet.settle()
    return fleet


def test_paused_replay_is_said(pgcensus, fleet):
    fleet.settle()
    fleet.b.sql("select pg_wal_replay_pause()")
    try:
        until(lambda: fleet.b.sql("select pg_get_wal_replay_pause_state()") == "paused")
        for form in [], ["--csv"], ["--format", "nagios"]:
            run = pgcensus("check", *form, config=fleet.nodes("p", "b"))
            assert "replay paused" in run.text, run
        metrics = metrics_of(pgcensus, fleet.nodes("p", "a", "b"))
        assert metrics.find("pgcensus_replay_paused", node="b") == 1
        assert metrics.find("pgcensus_replay_paused", node="a") == 0
        assert metrics.find("pgcensus_replay_paused", node="p") is None
    finally:
        fleet.b.sql("select pg_wal_replay_resume()")
    fleet.settle()


@pytest.fixture
def detached(fleet):
    fleet.settle()
    fleet.b.sql("alter system set primary_conninfo = 'host=/nowhere'")
    fleet.b.sql("select pg_reload_conf()")
    until(lambda: fleet.b.sql("select count(*) from pg_stat_wal_receiver") == "0")
    yield fleet
    fleet.b.sql("alter system reset primary_conninfo")
    fleet.b.sql("select pg_reload_conf()")
    until(lambda: fleet.b.sql("select count(*) from pg_stat_wal_receiver") == "1")
    fleet.settle()


def test_a_standby_without_a_receiver(pgcensus, detached):
    nodes = detached.nodes()
    run = pgcensus("check", "--json", config=nodes)
    assert run.code == 1 and run.node("b")["status"] == "warn", run
    assert reasons(run, "b") == {
        "standby_detached": "no WAL receiver, although its primary p answers"
    }
    run = pgcensus("check", "--json", "--require", "standbys=3", config=nodes)
    assert run.code == 2 and codes(run) == ["standbys"], run
    assert "without a WAL receiver" in groups(run)["g"]["reasons"][0]["message"]
    for form in [], ["--csv"], ["--format", "nagios"]:
        assert "no WAL receiver" in pgcensus("check", *form, config=nodes).text


def test_an_archive_is_expected(pgcensus, detached):
    nodes = detached.nodes()
    for node in nodes:
        node["expect"] = "archive" if node["name"] == "b" else "stream"
    run = pgcensus("check", "--json", "--require", "standbys=3", config=nodes)
    assert run.code == 0 and reasons(run, "b") == {}, run
    show = pgcensus("config", "show", "b", config=nodes)
    assert "archive" in show.text


def test_without_a_primary_no_standby_is_blamed(pgcensus, detached):
    run = pgcensus("check", "--json", config=detached.nodes("a", "b"))
    assert "standby_detached" not in reasons(run, "b"), run


def test_a_delayed_standby_says_so(pgcensus, clusters, shop):
    standby = clusters.standby("delayed", of=shop, recovery_min_apply_delay="1h")
    shop.sql("create table if not exists t (x text); insert into t values ('late')")
    received = "select pg_last_wal_receive_lsn()"
    written = position(shop.sql("select pg_current_wal_lsn()"))
    until(lambda: position(standby.sql(received) or "0/0") >= written)
    nodes = [at(shop, "w"), at(standby, "late")]
    words = "no commit replayed since its start (apply delay 1"
    run = pgcensus("check", "--json", "--warning", "lag_seconds=30s", config=nodes)
    assert run.code == 3 and words in reasons(run, "late")["lag_seconds"], run
    table = pgcensus("check", config=nodes)
    assert table.code == 0 and words in table.text


@pytest.fixture(scope="module")
def shipped(clusters, place):
    """A primary and a standby that gets its WAL as files, and nothing else."""
    archive = os.path.join(place.servers, "shipped-archive")
    os.mkdir(archive)
    place.give(archive)
    primary = clusters.new(
        "ship-p", archive_mode="on", archive_command=f"cp %p {archive}/%f"
    )
    primary.sql("create table t (x int)")
    standby = clusters.standby(
        "ship-s",
        of=primary,
        primary_conninfo="",
        restore_command=f"cp {archive}/%f %p",
    )
    return primary, standby


def test_files_of_an_idle_primary(pgcensus, shipped):
    """Every commit is there; what is missing is no commit, and its age means nothing."""
    primary, standby = shipped
    primary.sql("insert into t values (1)")
    primary.sql("select pg_switch_wal()")
    until(lambda: standby.sql("select count(*) from t") == "1")
    primary.sql("checkpoint")  # writes, and commits nothing
    nodes = [at(primary, "p"), at(standby, "s", expect="archive")]
    run = pgcensus("check", "--json", "--warning", "lag_seconds=1us", config=nodes)
    found = run.node("s")["facts"]["replication"]
    assert found["receiver"] == "none" and found["replay_lag_bytes"] > 0, run
    assert found["replay_lag_s"] == 0 and found["lag_reason"] is None, run
    assert run.code == 0

    primary.sql("insert into t values (2)")
    run = pgcensus("check", "--json", "--warning", "lag_seconds=1us", config=nodes)
    assert run.node("s")["facts"]["replication"]["replay_lag_s"] > 0, run
    assert list(reasons(run, "s")) == ["lag_seconds"]

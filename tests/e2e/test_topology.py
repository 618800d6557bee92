"""`nodes --topology` on real fleets: who follows whom, who else takes WAL, and what is
said where that cannot be known."""

import contextlib
import json
import os
import re
import signal

import fake
import pytest
from place import binary, free_port, until
from replicas import Fleet
from stage import Refuser

TREE = ["nodes", "--topology"]


@pytest.fixture(scope="module")
def fleet(clusters):
    fleet = Fleet(clusters, "topo")
    fleet.settle()
    until(lambda: senders(fleet.p) == 2 and senders(fleet.a) == 1)
    return fleet


def senders(server, name="walreceiver"):
    return int(
        server.sql(
            "select count(*) from pg_stat_replication "
            f"where state = 'streaming' and application_name = '{name}'"
        )
    )


def placed(run):
    return {n["node"]: n for cluster in run.doc["clusters"] for n in cluster["nodes"]}


def upstreams(run):
    return {name: node["upstream"] for name, node in placed(run).items()}


def unplaced(run):
    return {node["node"]: node for node in run.doc["unplaced"]}


def names(run):
    """The column of names, with the tree."""
    rows = run.text.split("\n\n")[0].splitlines()[2:]
    width = run.lines[1].index("ROLE")
    return [row[3:width].rstrip() for row in rows]


def test_who_follows_whom(pgcensus, fleet):
    run = pgcensus(*TREE, "--json", config=fleet.nodes())
    assert run.code == 0, run
    assert upstreams(run) == {"p": None, "a": "p", "b": "p", "c": "a"}
    (cluster,) = run.doc["clusters"]
    assert [node["node"] for node in cluster["nodes"]] == ["p", "a", "c", "b"]
    assert cluster["groups"] == ["orders"]
    assert cluster["system_identifier"] == fleet.p.sql(
        "select system_identifier from pg_control_system()"
    )
    for name, server in ("a", fleet.p), ("b", fleet.p), ("c", fleet.a):
        node = placed(run)[name]
        assert node["upstream_address"] == f"{server.home}:{server.port}"
        assert node["upstream_reason"] is None and node["receiver"] == "streaming"
        assert node["replay_lag_bytes"] is not None and node["timeline"] == 1
    for node in placed(run).values():
        assert node["strangers"] == [] and node["strangers_hidden"] == 0, run
    assert [group["group"] for group in run.doc["groups"]] == ["orders"]


def test_the_tree_is_drawn(pgcensus, fleet):
    run = pgcensus(*TREE, config=fleet.nodes())
    assert names(run) == ["p", "├─ a", "│  └─ c", "└─ b"]
    assert run.lines[0].startswith("orders: cluster ")
    assert re.search(r"^✓  p +primary +ok +1 +- ", run.text, re.MULTILINE)
    assert re.search(r"^✓  │  └─ c +standby +ok +1 ", run.text, re.MULTILINE)
    assert re.search(r"^4 nodes: 4 ok  \(", run.text, re.MULTILINE)
    plain = pgcensus(*TREE, "--ascii", "--width", "300", config=fleet.nodes())
    assert names(plain) == ["p", "|- a", "|  `- c", "`- b"] and plain.text.isascii()


def test_programs_get_no_drawing(pgcensus, fleet):
    run = pgcensus(*TREE, "-A", "-t", config=fleet.nodes())
    rows = [line.split("|")[1:4] for line in run.lines]
    assert rows == [
        ["p", "-", "primary"],
        ["a", "p", "standby"],
        ["c", "a", "standby"],
        ["b", "p", "standby"],
    ]
    table = pgcensus(*TREE, "--csv", config=fleet.nodes())
    header, *rows = [line.split(",") for line in table.lines]
    at = header.index("upstream")
    assert [row[at] for row in rows] == ["", "p", "a", "p"]


def test_lines(pgcensus, fleet):
    refuser = Refuser()
    nodes = [*fleet.nodes("p", "a"), refuser.node("dead")]
    run = pgcensus(*TREE, "--ndjson", config=nodes)
    refuser.close()
    *lines, last = [json.loads(line) for line in run.lines]
    found = [(line["node"], line["cluster"]) for line in lines]
    cluster = lines[0]["cluster"]
    assert found == [("p", cluster), ("a", cluster), ("dead", None)] and cluster
    assert last["schema"] == "pgcensus.topology/1" and last["exit_code"] == run.code == 2
    assert last["groups"][0]["primaries"] == ["p"]


# ---- strangers ----


@contextlib.contextmanager
def archiver(place, server):
    """Somebody who takes WAL and is no node."""
    target = os.path.join(place.servers, f"{server.name}-wal")
    os.mkdir(target)
    place.give(target)
    process = place.start(
        *[binary("pg_receivewal"), "-D", target, "--no-loop"],
        *["-h", server.home, "-p", str(server.port), "-U", "postgres"],
        log=f"{target}.log",
    )
    try:
        until(lambda: senders(server, "pg_receivewal") == 1)
        yield
    finally:
        process.terminate()
        process.wait(10)
        until(lambda: senders(server, "pg_receivewal") == 0)


def test_a_stranger(pgcensus, place, fleet):
    with archiver(place, fleet.p):
        run = pgcensus(*TREE, "--json", config=fleet.nodes())
        table = pgcensus(*TREE, config=fleet.nodes())
    assert run.code == 0, run
    stranger = {"application": "pg_receivewal", "address": None, "state": "streaming"}
    assert placed(run)["p"]["strangers"] == [stranger]
    assert placed(run)["p"]["strangers_hidden"] == 0
    assert placed(run)["a"]["strangers"] == []
    assert names(table) == ["p", "├─ a", "│  └─ c", "├─ b", "└─ (pg_receivewal)"]
    assert re.search(r"\(pg_receivewal\) +streaming +local", table.text)


def test_standbys_that_were_not_asked_are_strangers(pgcensus, fleet):
    run = pgcensus(*TREE, "--json", "-n", "p,a", config=fleet.nodes())
    (of_p,), (of_a,) = (placed(run)[name]["strangers"] for name in "pa")
    for stranger in of_p, of_a:
        assert stranger["application"] == "walreceiver", run


# ---- what cannot be known ----


def test_an_upstream_that_was_not_asked(pgcensus, fleet):
    run = pgcensus(*TREE, "--json", "-n", "!p", config=fleet.nodes())
    assert upstreams(run) == {"a": None, "b": None, "c": "a"}
    for name in "ab":
        node = placed(run)[name]
        assert node["upstream_reason"] == "not_asked"
        assert node["upstream_address"] == f"{fleet.p.home}:{fleet.p.port}"
    table = pgcensus(*TREE, "-n", "!p", config=fleet.nodes())
    assert names(table) == ["a", "└─ c", "b"]
    assert f"follows {fleet.p.home}:{fleet.p.port}, not the address" in table.text


def test_another_spelling_is_not_guessed(pgcensus, fleet):
    """They follow a socket, and we know them by TCP."""
    nodes = [server.node(name) for name, server in fleet.servers.items()]
    fleet.p.sql("grant pg_monitor to trusty")
    fleet.settle()
    run = pgcensus(*TREE, "--json", config=nodes)
    fleet.p.sql("revoke pg_monitor from trusty")
    assert set(upstreams(run).values()) == {None}, run
    assert placed(run)["c"]["upstream_reason"] == "not_asked"


def test_no_receiver(pgcensus, fleet):
    fleet.b.sql("alter system set primary_conninfo = 'host=/nowhere'")
    fleet.b.sql("select pg_reload_conf()")
    try:
        until(lambda: fleet.b.sql("select count(*) from pg_stat_wal_receiver") == "0")
        run = pgcensus(*TREE, "--json", config=fleet.nodes())
        assert placed(run)["b"]["upstream"] is None
        assert placed(run)["b"]["upstream_reason"] == "no_receiver"
        assert upstreams(run)["a"] == "p"
    finally:
        fleet.b.sql("alter system reset primary_conninfo")
        fleet.b.sql("select pg_reload_conf()")
    until(lambda: senders(fleet.p) == 2)


def test_a_role_that_may_see_nothing(pgcensus, fleet):
    fleet.p.sql("create role bare login")
    fleet.settle()
    nodes = fleet.nodes(user="bare")
    run = pgcensus(*TREE, "--json", config=nodes)
    assert run.code == 0, run
    found = placed(run)
    assert list(found) == ["p", "a", "b", "c"]
    for name in "abc":
        assert found[name]["upstream"] is found[name]["upstream_address"] is None
        assert found[name]["upstream_reason"] == "hidden"
    assert found["p"]["strangers"] == [] and found["p"]["strangers_hidden"] == 2
    assert found["a"]["strangers_hidden"] == 1
    table = pgcensus(*TREE, config=nodes)
    assert names(table)[:3] == ["p", "└─ (2 more)", "a"]
    assert "hidden from our role" in table.text
    # who may see it at the primary knows how many of them are nodes
    nodes = [*fleet.nodes("p", user="bare"), *fleet.nodes("a", "b")]
    run = pgcensus(*TREE, "--json", config=nodes)
    assert upstreams(run) == {"p": None, "a": "p", "b": "p"}
    assert placed(run)["p"]["strangers_hidden"] == 0


def test_what_is_in_no_tree(pgcensus, stage, fleet):
    refuser = Refuser()
    nodes = [
        refuser.node("dead", group="orders"),
        *fleet.nodes(),
        {**fleet.p.node("off"), "enabled": False},
        {**fleet.a.node("pooled"), "via": "pooler"},
        stage.fake(fake.polite).node("mute"),
    ]
    run = pgcensus(*TREE, "--json", config=nodes)
    table = pgcensus(*TREE, config=nodes)
    refuser.close()
    assert run.code == table.code == 2
    assert upstreams(run) == {"p": None, "a": "p", "b": "p", "c": "a"}
    reasons = {name: node["reason"] for name, node in unplaced(run).items()}
    assert reasons == {
        "dead": "not_answered",
        "off": "disabled",
        "pooled": "pooler",
        "mute": "no_facts",
    }
    assert unplaced(run)["dead"]["message"].startswith("connection refused")
    below = table.text.split("not placed\n")[1]
    assert re.search(r"^✗  dead +down +connection refused", below, re.MULTILINE)
    assert re.search(r"^-  off +disabled$", below, re.MULTILINE)
    assert "pgcensus: dead: connection refused" in run.errors
    assert table.errors == ""


def test_one_server_of_two_nodes(pgcensus, fleet):
    nodes = [*fleet.nodes("p", "a"), fleet.p.node("again", group="orders")]
    run = pgcensus(*TREE, "--json", config=nodes)
    assert run.code == 0, run
    again = placed(run)["again"]
    assert again["same_server_as"] == "p" and again["upstream"] is None
    assert upstreams(run)["a"] == "p"
    assert "same server as p" in pgcensus(*TREE, config=nodes).text


def test_another_cluster(pgcensus, clusters, fleet):
    other = clusters.foreign("topo-other")
    nodes = [
        *fleet.nodes(),
        other.node("x", host=other.home, group="orders", user="postgres"),
    ]
    run = pgcensus(*TREE, "--json", config=nodes)
    assert run.code == 1
    assert [
        [node["node"] for node in cluster["nodes"]] for cluster in run.doc["clusters"]
    ] == [["p", "a", "c", "b"], ["x"]]
    table = pgcensus(*TREE, config=nodes)
    assert len(re.findall(r"^orders: cluster \d+$", table.text, re.MULTILINE)) == 2
    assert "! orders  x belongs to another cluster" in table.text


def test_what_servers_say_is_text(pgcensus, stage):
    """And a fleet that only exists in what they say."""
    hostile = "\x1b]0;owned\x07\u202e|\""
    told = {"system_identifier": "7", "timeline": "1"}
    p = stage.fake(fake.telling(**told, senders=f"streaming|10.0.0.9||{hostile}"))

    def follower(host, port):
        return stage.fake(
            fake.telling(
                **told,
                standby="t",
                receiver_pid="1",
                receiver_status="streaming",
                upstream_host=host,
                upstream_port=str(port),
            )
        )

    a, b = follower("localhost", p.port), follower(hostile, p.port)
    nodes = [p.node("p"), a.node("a"), b.node("b")]
    run = pgcensus(*TREE, "--json", config=nodes)
    assert upstreams(run) == {"p": None, "a": "p", "b": None}
    assert placed(run)["b"]["upstream_reason"] == "not_asked"
    for form in "table", "csv", "ndjson":
        run = pgcensus(*TREE, "--format", form, "--color", "never", config=nodes)
        assert r"\x1b]0;owned" in run.text.replace("\\\\", "\\"), run


def test_two_that_follow_each_other(pgcensus, stage):
    """Nobody is lost, and nothing goes round and round."""
    told = {"system_identifier": "7", "standby": "t", "receiver_pid": "1"}
    ports = free_port(), free_port()
    nodes = []
    for name, own, other in zip("ab", ports, reversed(ports)):
        script = fake.telling(**told, upstream_host="127.0.0.1", upstream_port=str(other))
        nodes.append(stage.fake(script, port=own).node(name))
    run = pgcensus(*TREE, "--json", config=nodes)
    assert upstreams(run) == {"b": None, "a": "b"}
    assert placed(run)["b"]["upstream_reason"] == "circle"
    assert names(pgcensus(*TREE, config=nodes)) == ["b", "└─ a"]


# ---- it is a check ----


def test_it_exits_as_check_does(pgcensus, fleet):
    config = fleet.nodes()
    for options, code in (
        (["--require", "primaries=2"], 2),
        (["--warning", "uptime=1h:"], 1),
        (["--warning", "uptime=1h:", "--fail-on", "down"], 0),
        (["--critical", "uptime=1h:", "--min-ok", "1"], 2),
        (["--critical", "uptime=1h:", "--fail-on", "never"], 0),
    ):
        run = pgcensus(*TREE, "--json", *options, config=config)
        assert run.code == code == pgcensus("check", *options, config=config).code, run
    table = pgcensus(*TREE, "--require", "primaries=2", config=config)
    assert "✗ orders  1 primary, required: 2" in table.text


@pytest.mark.parametrize(
    "argv",
    [["--role", "primary"], ["--facts", "basic"], ["--state-file", "state"]],
    ids=" ".join,
)
def test_what_a_tree_has_no_use_for(pgcensus, fine, argv):
    run = pgcensus(*TREE, *argv, config=fine)
    assert (run.code, run.text) == (3, "") and argv[0] in run.errors
    assert pgcensus("nodes", *argv, config=fine).code == 0


def test_a_deadline(pgcensus, stage, fleet):
    silent = stage.fake(fake.silent)
    nodes = [silent.node("slow"), *fleet.nodes("p", "a")]
    run = pgcensus(*TREE, "--json", "--deadline", "2s", "-T", "20s", config=nodes)
    assert run.code == 2 and run.seconds < 5
    assert upstreams(run) == {"p": None, "a": "p"}
    assert unplaced(run)["slow"]["reason"] == "not_answered"


@pytest.mark.parametrize("form", ["--json", "--format=table"])
def test_a_signal_prints_what_arrived(pgcensus, stage, form):
    silent, polite = stage.fake(fake.silent), stage.fake(fake.polite)
    config = [silent.node("slow"), polite.node("fast")]
    running = pgcensus.start(*TREE, form, "-T", "20s", config=config)
    assert silent.wait("mute") and polite.wait("ended")
    running.signal(signal.SIGINT)
    run = running.end(5)
    assert run.code == 130
    assert "slow" in run.text and "fast" in run.text and "interrupted" in run.text


def test_into_a_file(pgcensus, fleet):
    path = pgcensus.path("tree")
    run = pgcensus(*TREE, "-o", path, config=fleet.nodes())
    assert (run.code, run.text) == (0, "")
    with open(path) as file:
        assert "│  └─ c" in file.read()
    run = pgcensus(*TREE, "-o", "/nowhere/tree", config=fleet.nodes())
    assert run.code == 3 and "/nowhere/tree" in run.errors

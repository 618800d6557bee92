"""Healthy nodes pay for nobody: beside names that nobody answers, logins that are computed
for ever and floods, each of them is ok, and its latency is its own."""

import os
import subprocess

import fake
import pytest
from isolated import isolated
from judge import CANARY
from test_networks import RESOLVER, check, name_server
from stage import Stage


def split(nodes, prefix="live"):
    mine = {name: node for name, node in nodes.items() if name.startswith(prefix)}
    return mine, [node for name, node in nodes.items() if name not in mine]


@pytest.mark.alone
@pytest.mark.parametrize("dead", [100, 300])
def test_dead_names_make_no_living_one_late(pgcensus, dead):
    names = [f"live{i}.example" for i in range(10)]

    def world():
        name_server(None)
        stage = Stage()
        live = stage.fake(fake.polite)
        nodes = [{"name": f"dead-{i}", "host": f"db{i}.example"} for i in range(dead)]
        nodes += [{**live.node(name), "host": name} for name in names]
        return check(pgcensus, "-T", "4s", nodes=nodes)

    files = {**RESOLVER, "/etc/hosts": f"127.0.0.1 {' '.join(names)}\n"}
    seconds, nodes = isolated(world, files)
    live, lost = split(nodes)
    assert len(live) == 10 and len(lost) == dead
    for node in live.values():
        assert node["status"] == "ok", node
        assert node["latency_ms"]["total"] < 1000, node
    # the last of them had to wait until it was clear that those before it hang
    assert max(node["latency_ms"]["queued"] for node in live.values()) > 40
    for node in lost:
        assert (node["error"]["class"], node["error"]["phase"]) == ("dns", "resolve")
    assert seconds < 4 + 2 + 2 * pgcensus.sanitized


def test_what_no_thread_could_look_up_is_unknown_and_says_so(pgcensus):
    """Few threads, as in a container that may have few: of the names behind those that
    hang nothing is known, and not that nobody answered about them."""

    def world():
        name_server(None)
        nodes = [{"name": f"dead-{i}", "host": f"db{i}.example"} for i in range(400)]
        nodes += [{"name": f"live-{i}", "host": f"db.{i}.example"} for i in range(3)]
        limits = {"as": 200 << 20}
        run = pgcensus("check", "--json", "-T", "1s", config=nodes, limits=limits)
        return run.seconds, run.nodes

    if pgcensus.sanitized:
        pytest.skip("its sanitizer needs more address space than a limit leaves")
    seconds, nodes = isolated(world, RESOLVER)
    classes = {}
    for node in nodes.values():
        classes.setdefault(node["error"]["class"], []).append(node)
    assert classes.keys() == {"dns", "local"} and seconds < 5
    for node in classes["local"]:
        assert node["status"] == "unknown"
        assert "busy with other names" in node["error"]["message"], node
        assert "no answer" not in node["error"]["message"]


@pytest.mark.alone
def test_hostile_logins_make_no_healthy_one_late(pgcensus, stage, tls):
    """Seventy servers that let us compute for 22 minutes each, in front of healthy ones,
    and twenty at a time."""
    hostile = stage.fake(fake.scram, iterations=2**31 - 1, tls=tls())
    healthy = stage.fake(fake.scram, iterations=4096, password=CANARY, tls=tls())
    keys = {"password": CANARY, "sslmode": "require"}
    nodes = [hostile.node(f"bad-{i}", **keys) for i in range(70)]
    nodes += [healthy.node(f"good-{i}", **keys) for i in range(20)]
    run = pgcensus("check", "--json", "-j", "20", "-T", "2s", config=nodes, within=60)
    good, bad = split(run.nodes, "good")
    for node in good.values():
        assert node["status"] == "ok", node
    for node in bad:
        assert node["status"] in ("down", "unknown")
        error = node["error"]
        if error["class"] == "local":
            assert "busy with other logins" in error["message"], node
        else:
            assert (error["class"], error["phase"]) == ("timeout", "auth"), node
            assert "still computing the login" in error["message"], node


def test_one_login_is_computed_at_a_time(pgcensus, stage, tls):
    hostile = stage.fake(fake.scram, iterations=2**31 - 1, tls=tls())
    nodes = [hostile.node("a", password=CANARY, sslmode="require")]
    run = pgcensus(
        "check", "--json", "--connect-timeout", "500ms", "--retries", "3", config=nodes
    )
    assert run.node("a")["status"] == "down"
    assert run.node("a")["attempts"] > 1 and hostile.count("startup") == 1
    assert "still computing the login" in run.error("a")["message"]


def test_a_slow_login_behind_many_addresses(pgcensus, stage):
    """Whoever accepts gets the time that is left, not a share of it for each address."""
    import asyncio

    async def slow(peer):
        await peer.startup()
        await asyncio.sleep(1.2)
        await peer.login()
        while True:
            await fake.select_one(peer, await peer.query())

    def world():
        stage = Stage()
        server = stage.fake(slow, host="0.0.0.0")
        node = {"name": "many", "host": "db.example", "port": server.port}
        run = pgcensus("check", "--json", "--connect-timeout", "3s", config=[node])
        return run.nodes, server.count("startup")

    addresses = "".join(f"127.0.0.{i} db.example\n" for i in range(1, 9))
    nodes, startups = isolated(world, {**RESOLVER, "/etc/hosts": addresses})
    assert nodes["many"]["status"] == "ok" and startups == 1, nodes


@pytest.mark.alone
@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
def test_floods_of_parameters_make_no_healthy_one_late(pgcensus, stage, tls, secure):
    """Sixteen servers whose greeting is parameters without end, each with a name of its
    own; libpq looks through all that it has for each of them."""
    context = tls() if secure else None
    flood = stage.fake(fake.parameters, tls=context)
    live = stage.fake(fake.polite)
    nodes = [live.node("live-first")]
    nodes += [flood.node(f"flood-{i}", sslmode="prefer") for i in range(16)]
    nodes += [live.node(f"live-{i}") for i in range(10)]
    run = pgcensus("check", "--json", "-T", "5s", config=nodes)
    good, bad = split(run.nodes)
    for node in good.values():
        assert node["status"] == "ok", node
    for node in bad:
        error = node["error"]
        assert (error["class"], error["phase"]) == ("protocol", "auth"), node
        assert "the login does not come to its end" in error["message"]
    assert run.seconds < 5


@pytest.mark.alone
@pytest.mark.parametrize("command", ["check", "query"])
def test_a_flood_of_parameters_in_an_answer_ends(pgcensus, stage, command):
    """It is named for what it is, and no row is spoken of."""
    nodes = [stage.fake(fake.parameter_flood).node(f"flood-{i}") for i in range(4)]
    nodes += [stage.fake(fake.polite).node("live")]
    words = ["select 1"] if command == "query" else []
    run = pgcensus(command, "--json", "-T", "9s", *words, config=nodes)
    assert run.node("live")["status"] == "ok" and run.seconds < 9
    for name, node in run.nodes.items():
        if name != "live":
            assert node["error"]["class"] == "limit", node
            assert "64kB of parameters" in node["error"]["message"], node


@pytest.mark.alone
@pytest.mark.parametrize("hidden_by", ["notices", "tls"])
def test_a_flood_of_parameters_that_nobody_sees_ends(pgcensus, stage, tls, hidden_by):
    """Each costs more than the one before; were only their time measured, it would be
    taken for time that we stood still, and no deadline would come."""
    if hidden_by == "tls":
        flood = stage.fake(fake.parameter_flood, tls=tls())
    else:
        flood = stage.fake(fake.hidden_parameter_flood)
    nodes = [
        flood.node("flood", sslmode="prefer"),
        stage.fake(fake.polite).node("live"),
    ]
    run = pgcensus("query", "--json", "-T", "20s", "select 1", config=nodes)
    assert run.node("live")["status"] == "ok" and run.seconds < 15, run
    assert run.error("flood")["class"] == "limit", run
    assert "flood of parameters" in run.error("flood")["message"], run


@pytest.mark.parametrize("command", ["check", "query"])
def test_our_own_fifo_says_nothing_of_a_node(pgcensus, stage, tls, command):
    server = stage.fake(fake.polite, tls=tls())
    path = pgcensus.path("ca.crt")
    os.unlink(path)
    os.mkfifo(path, 0o600)
    nodes = [server.node("a", sslmode="verify-full", sslrootcert=path)]
    words = ["select 1"] if command == "query" else []
    run = pgcensus(command, "--json", *words, config=nodes)
    error = run.error("a")
    assert (error["class"], error["phase"]) == ("local", "tls"), run
    assert path in error["message"] and "no regular file" in error["message"]
    assert run.node("a")["status"] == ("failed" if command == "query" else "unknown")
    assert run.seconds < 4


def test_a_library_may_return_from_main_while_a_login_is_computed(
    pgcensus, companion, stage, tls
):
    """OpenSSL would clean up under the thread that computes."""
    hostile = stage.fake(fake.scram, iterations=2**31 - 1, tls=tls())
    keys = {"password": CANARY, "sslmode": "require", "connect_timeout": "500ms"}
    config = pgcensus.config([hostile.node(f"bad-{i}", **keys) for i in range(4)])
    argv, env = [companion("fleet_driver"), config], pgcensus.environment()
    for _ in range(8):
        run = subprocess.run(
            argv, env=env, input="check\nquit\n", text=True, capture_output=True, timeout=60
        )
        assert run.returncode == 0, run

"""Healthy nodes pay for nobody: beside names that nobody answers, logins that are computed
for ever and floods, each of them is ok, and its latency is its own."""

import fake
import pytest
from isolated import isolated
from judge import CANARY
from test_networks import RESOLVER, check, name_server
from stage import Stage


def split(nodes, prefix="live"):
    mine = {name: node for name, node in nodes.items() if name.startswith(prefix)}
    return mine, [node for name, node in nodes.items() if name not in mine]


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
        nodes = [{"name": f"dead-{i}", "host": f"db{i}.example"} for i in range(60)]
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

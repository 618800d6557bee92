"""Files of ours that libpq opens for TLS, on a disk that does not answer: nothing of a
node, nothing for its neighbours, and no thread of the loop."""

import os

import fake
import pytest


@pytest.fixture
def dead(pgcensus, companion):
    """The environment for a run in which that file is dead, and who opened it."""
    if pgcensus.sanitized:
        pytest.skip("a sanitizer wants to be the first library, and has an open() itself")
    log = pgcensus.path("opened.log")

    def environment(path, alive=False, **changes):
        alive = {"DEAD_FILE_ALIVE": "1"} if alive else {}
        preload = companion("libdead_file.so")
        return {"LD_PRELOAD": preload, "DEAD_FILE": path, "DEAD_FILE_LOG": log, **alive, **changes}

    def opened():
        with open(log) as file:
            return file.read().split()

    return environment, opened


def assert_neighbours(run, path, keyword):
    for name, node in run.nodes.items():
        if name.startswith("good"):
            assert node["status"] == "ok", node
            assert node["latency_ms"]["total"] < 1000, node
            continue
        assert node["status"] == "unknown", node
        assert (node["error"]["class"], node["error"]["phase"]) == ("local", "tls"), node
        assert f'cannot read {keyword} "{path}": it did not open' in node["error"]["message"]


@pytest.mark.parametrize("keyword", ["sslrootcert", "sslcert", "sslkey", "sslcrl"])
def test_a_dead_file_says_nothing_of_a_node(pgcensus, stage, tls, certs, dead, keyword):
    environment, opened = dead
    server, plain = stage.fake(fake.polite, tls=tls()), stage.fake(fake.polite)
    path = pgcensus.path("dead.pem")
    nodes = [server.node(f"bad-{i}", sslmode="require", **{keyword: path}) for i in range(5)]
    keys = {"sslmode": "verify-ca", "sslrootcert": certs["ca.crt"]}
    nodes += [server.node(f"good-tls-{i}", **keys) for i in range(3)]
    nodes += [plain.node(f"good-{i}") for i in range(3)]
    run = pgcensus("check", "--json", "-T", "2s", config=nodes, env=environment(path), within=8)
    assert_neighbours(run, path, keyword)
    assert opened() == ["thread"]
    assert run.seconds < 4


def test_a_dead_file_that_libpq_finds_by_itself(pgcensus, stage, tls, dead):
    environment, opened = dead
    server, plain = stage.fake(fake.polite, tls=tls()), stage.fake(fake.polite)
    home = os.path.join(pgcensus.home, "dead-home")
    os.mkdir(home)
    path = f"{home}/.postgresql/root.crt"
    nodes = [server.node("bad", sslmode="require"), plain.node("good", sslmode="prefer")]
    env = environment(path, HOME=home)
    run = pgcensus("check", "--json", "-T", "2s", config=nodes, env=env, within=8)
    assert_neighbours(run, path, "sslrootcert")
    assert opened() == ["thread"]


def test_a_dead_file_ends_a_query_too(pgcensus, stage, tls, dead):
    environment, opened = dead
    server = stage.fake(fake.polite, tls=tls())
    path = pgcensus.path("dead.pem")
    nodes = [server.node("bad", sslmode="verify-full", sslrootcert=path)]
    argv = ["query", "--json", "-T", "2s", "select 1"]
    run = pgcensus(*argv, config=nodes, env=environment(path), within=8)
    assert run.error("bad")["class"] == "local"
    assert path in run.error("bad")["message"]
    assert opened() == ["thread"]


def test_many_nodes_look_at_one_file_once(pgcensus, stage, tls, certs, dead):
    environment, opened = dead
    server = stage.fake(fake.polite, tls=tls())
    path = certs["ca.crt"]
    nodes = [server.node(f"n{i}", sslmode="verify-ca", sslrootcert=path) for i in range(100)]
    run = pgcensus("check", "--json", config=nodes, env=environment(path, alive=True))
    assert run.code == 0, run
    assert opened() == ["thread"]

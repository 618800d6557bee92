"""Our own shortage is ours: descriptors and memory.  Faults 30 and 31."""

import os
import pathlib
import sys

import fake
import pytest
from place import until
from run import Run
from stage import Refuser


def test_few_descriptors_mean_fewer_at_once(pgcensus, stage):
    polite = stage.fake(fake.polite)
    nodes = [polite.node(f"n{i:03}") for i in range(300)]
    run = pgcensus("check", "--json", config=nodes, limits={"nofile": 64})
    assert run.code == 0, run
    assert run.doc["summary"]["ok"] == 300


def test_few_descriptors_and_names(pgcensus, stage):
    polite = stage.fake(fake.polite)
    nodes = [{**polite.node(f"n{i:03}"), "host": "localhost"} for i in range(100)]
    run = pgcensus("check", "--json", config=nodes, limits={"nofile": 64})
    assert run.doc["summary"]["ok"] == 100


@pytest.mark.parametrize("nofile", [4, 6, 8, 10, 12, 16, 24, 32])
def test_no_node_is_called_down_for_our_shortage(pgcensus, stage, nofile):
    polite = stage.fake(fake.polite)
    nodes = [{**polite.node(f"n{i}"), "host": "localhost"} for i in range(10)]
    run = pgcensus("check", "--json", config=nodes, limits={"nofile": nofile})
    if run.doc["schema"] == "pgcensus.error/1":
        return  # not even the configuration could be read; exit 3, as judged
    for node in run.doc["nodes"]:
        assert node["status"] in ("ok", "unknown"), run
        if node["status"] == "unknown":
            assert node["error"]["class"] == "local"


@pytest.mark.parametrize("megabytes", [40, 46, 52])
def test_no_node_is_called_down_for_want_of_memory(pgcensus, stage, tls, megabytes):
    """OpenSSL says "EVP lib" or "malloc failure", which reads like a fault of TLS."""
    if pgcensus.sanitized:
        pytest.skip("sanitizers reserve more than any limit")
    server = stage.fake(fake.polite, tls=tls())
    nodes = [server.node(f"n{i}", sslmode="require") for i in range(3)]
    limits = {"as": megabytes << 20}
    run = pgcensus("check", "--json", config=nodes, limits=limits)
    if run.doc["schema"] == "pgcensus.error/1":
        return
    for node in run.doc["nodes"]:
        assert node["status"] in ("ok", "unknown"), run


def test_descriptors_are_given_back(pgcensus, stage):
    """After 300 nodes that failed or answered only one silent node's are left."""
    if os.geteuid() != 0:
        pytest.skip("only root may look into a process that leaves no core file")
    refuser = Refuser()
    polite, resets = stage.fake(fake.polite), stage.fake(fake.resets_after_startup)
    silent = stage.fake(fake.silent)
    nodes = [silent.node("silent")]
    for i in range(100):
        nodes += [refuser.node(f"r{i}"), polite.node(f"p{i}"), resets.node(f"x{i}")]
    running = pgcensus.start("check", "--json", "-T", "30s", config=nodes)
    assert polite.wait("ended", 100) and resets.wait("ended", 100)
    folder = f"/proc/{running.pid}/fd"
    until(lambda: len(os.listdir(folder)) <= 16, seconds=10)
    running.signal(15)
    assert running.end(5).doc["summary"]["ok"] == 100
    refuser.close()


# ---- every allocation fails once: fault 31 ----


@pytest.fixture(scope="module")
def fragile(companion, pgcensus):
    """The same program, linked so that the k-th allocation of ours fails."""
    import run

    return run.Census(companion("pgcensus_fragile"), pgcensus.home)


def count_of_allocations(fragile, *argv, config):
    tally = fragile.path("tally")
    run = fragile(*argv, config=config, env={"FRAGILE_TALLY": tally})
    assert run.code in (0, 1, 2) or "without SQLite" in run.errors, run
    with open(tally, "rb") as file:
        return int.from_bytes(file.read(), sys.byteorder)


# Of runs before: a node that is remembered, and one that is asked no more.
STATE = """pgcensus-state 1
fine\t1\thealthy\t1\t0\t1\t9000000000\t1\t0\t0
gone\t1\thealthy\t1\t0\t1\t9000000000\t1\t0\t0
end 2
"""


PRIMARY = fake.telling(system_identifier="7", senders="streaming|10.0.0.9||archiver")


@pytest.mark.parametrize(
    "argv",
    [
        ("check", "--json"),
        ("check",),
        ("check", "--ndjson"),
        ("check", "--format", "nagios"),
        ("check", "--format", "prometheus"),
        ("check", "--json", "--state-file", "STATE"),
        ("nodes", "--json"),
        ("nodes", "--topology"),
        ("nodes", "--topology", "--json"),
        ("query", "--json", "--rows", "objects", "select 1"),
        ("query", "--ndjson", "select 1"),
        ("query", "--fold", "select 1"),
        ("query", "--reduce", "select * from r", "select 1"),
    ],
    ids=" ".join,
)
def test_every_single_allocation_may_fail(fragile, stage, argv):
    refuser = Refuser()
    script = PRIMARY if "--topology" in argv else fake.polite
    nodes = [
        stage.fake(script).node("fine", labels=["dc=fra"]),
        stage.fake(fake.asks_md5).node("login", password="c4nary-Passw0rd"),
        refuser.node("refused"),
    ]
    config = fragile.config(nodes)
    argv = [fragile.path("state", STATE) if word == "STATE" else word for word in argv]
    total = count_of_allocations(fragile, *argv, config=config)
    assert total > 50
    seen = {
        judge_shortage(run, argv)
        for run in runs_without(fragile, total, *argv, config=config)
    }
    refuser.close()
    assert 3 in seen  # some of them ended the run, and said so


def runs_without(fragile, total, *argv, config):
    """A run without the first allocation of ours, one without the second, ..."""
    folder = fragile.path("runs")
    os.remove(folder)
    os.mkdir(folder)
    env = {"FRAGILE_EACH": str(total), "FRAGILE_FOLDER": folder}
    running = fragile.start(*argv, config=config, env=env)
    forks = running.end(within=20 * total)
    assert (forks.code, forks.out, forks.err) == (0, b"", b""), forks
    for k in range(1, total + 1):
        out, err, end = (
            pathlib.Path(folder, f"{k}.{kind}").read_bytes()
            for kind in ("out", "err", "end")
        )
        code = os.waitstatus_to_exitcode(int(end))
        yield Run(running.argv, code, out, err, forks.seconds / total, 0)


def judge_shortage(run, argv):
    """Right status, no crash, nothing leaked, nobody else blamed."""
    from judge import judge

    judge(run)
    assert run.code in (0, 1, 2, 3), run
    if run.code == 3:
        assert "memory" in run.errors or run.text, run
    if "--json" in argv and run.out and "nodes" in run.doc and argv[0] == "check":
        statuses = {name: node["status"] for name, node in run.nodes.items()}
        assert statuses.keys() == {"fine", "login", "refused"}, run
        assert statuses["fine"] in ("ok", "unknown"), run
        assert statuses["login"] in ("ok", "unknown"), run
        assert statuses["refused"] in ("down", "unknown"), run
    return run.code

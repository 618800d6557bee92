"""What servers do in the middle of an answer, and what is made of it."""

import asyncio
import json
import signal
import subprocess
import time

import fake
import pytest
import wire
from place import until


@fake.with_statements
async def rows_then_reset(peer, statement):
    """a few rows, then a reset"""
    if "BEGIN" in statement:
        await peer.open_envelope()
        return
    rows = wire.row("1") + wire.row("2")
    await peer.send(wire.PARSE_COMPLETE, wire.BIND_COMPLETE, wire.columns("a"), rows)
    peer.reset()


def after_the_envelope(misbehaves):
    """A server that opens the transaction politely, and then does that."""

    @fake.with_statements
    async def script(peer, statement):
        if "BEGIN" in statement:
            await peer.open_envelope()
        else:
            await misbehaves(peer)

    return script


async def _one_huge_row(peer):
    import struct

    size = 1_900_000_000
    header = b"D" + struct.pack("!IHi", size + 10, 1, size)
    await peer.send(wire.columns("a") + header + b"x" * 100)
    await peer.forever()


async def _endless_rows(peer):
    await peer.send(wire.columns("a"))
    while True:
        await peer.send(wire.row("1" * 1000) * 60)


async def _endless_results(peer):
    while True:
        await peer.send(wire.complete("SELECT 0") * 4000)


async def _notices(peer):
    while True:
        await peer.send(wire.notice("and another thing") * 1000)


async def _notifies(peer):
    while True:
        await peer.send(wire.notification("news", "x" * 200) * 300)


async def _many_columns(peer):
    names = [f"c{i}" for i in range(20_000)]
    done = wire.complete("SELECT 1")
    await peer.answer(wire.columns(*names), wire.row(*["1"] * len(names)), done)


async def _nothing(peer):
    await peer.forever()


FLOODS = {
    "huge row": (_one_huge_row, {"limit", "timeout"}),
    "endless rows": (_endless_rows, {"limit", "timeout"}),
    "endless results": (_endless_results, {"timeout", "limit", "protocol"}),
    "notices": (_notices, {"timeout"}),
    "notifies": (_notifies, {"timeout"}),
    "nothing": (_nothing, {"timeout"}),
}


@pytest.mark.parametrize("form", ["--json", "--ndjson", "--csv"])
def test_floods_end_and_disturb_nobody(pgcensus, stage, primary, form):
    nodes = [primary.node("fine")]
    for name, (script, _) in FLOODS.items():
        made = stage.fake(after_the_envelope(script))
        nodes.append(made.node(name.replace(" ", "-"), limits={"max_rows": 1000}))
    argv = "query", form, "-T", "1500ms", "select 1 as a"
    running = pgcensus.start(*argv, config=nodes)
    run = running.end(within=12)
    limit_mb = 700 if pgcensus.sanitized else 100
    assert run.code == 1 and run.rss_kb < limit_mb * 1024
    if form == "--csv":
        assert run.lines[:2] == ["node,a", "fine,1"]
        return
    if form == "--ndjson":
        lines = [json.loads(line) for line in run.lines]
        assert {"node": "fine", "row": {"a": 1}} in lines
        doc = lines[-1]
    else:
        doc = run.doc
        assert ["fine", 1] in doc["rows"]
    found = {n["node"]: n["error"] and n["error"]["class"] for n in doc["nodes"]}
    assert found.pop("fine") is None
    for name, (_, classes) in FLOODS.items():
        assert found[name.replace(" ", "-")] in classes, (name, found)


def test_many_columns(pgcensus, stage):
    node = stage.fake(after_the_envelope(_many_columns)).node("wide")
    run = pgcensus("query", "--json", "select 1", config=[node])
    assert run.code == 0 and len(run.doc["columns"]) == 20_001


async def _never_ready(peer):
    while not peer.fake.count("cancel"):
        await asyncio.sleep(0.01)
    await peer.send(wire.error("57014", "canceling statement", severity="ERROR"))
    kind, _ = await peer.message()
    peer.note("said", kind)


def test_a_server_that_is_never_ready_after_the_cancel(pgcensus, stage):
    """It gets no other question meanwhile, and is left in time."""
    made = stage.fake(after_the_envelope(_never_ready))
    began = time.monotonic()
    run = pgcensus("query", "--json", "-T", "500ms", "select 1", config=[made.node("a")])
    assert 1.4 < time.monotonic() - began < 6
    assert run.code == 2 and run.doc["nodes"][0]["error"]["class"] == "timeout"
    assert made.wait("said") and made.notes("said") == [b"X"]


@pytest.mark.parametrize("form", ["--json", "--csv"])
def test_lost_in_mid_result_is_partial(pgcensus, stage, form):
    node = stage.fake(rows_then_reset).node("torn")
    run = pgcensus("query", form, "select a", config=[node])
    assert run.code == 1
    if form == "--csv":
        assert run.lines == ["node,a", "torn,1", "torn,2"]
        assert "torn" in run.errors
        return
    assert run.doc["rows"] == [["torn", 1], ["torn", 2]]
    told = run.doc["nodes"][0]
    assert (told["status"], told["rows"], told["error"]["class"]) == ("partial", 2, "lost")


def answering(*messages):
    """A server whose answer to the statement is just that, and then it is ready."""

    async def answer(peer):
        await peer.answer(*messages)

    return after_the_envelope(answer)


def test_an_answer_without_an_end_is_no_success(pgcensus, stage):
    """rows, and then ready, without a word of how the statement ended"""
    head = wire.columns("a")
    scripts = {"cut": [head, wire.row("1")], "empty": [], "headless": [head]}
    nodes = [stage.fake(answering(*m)).node(name) for name, m in scripts.items()]
    run = pgcensus("query", "--json", "select a", config=nodes)
    assert run.code != 0, run
    assert {n: run.node(n)["status"] for n in scripts} == {
        "cut": "partial",
        "empty": "failed",
        "headless": "failed",
    }
    assert all(run.error(n)["class"] == "protocol" for n in scripts), run


def test_a_backend_that_is_killed_in_mid_result(pgcensus, primary):
    """Rows come slowly from a real server, whose administrator loses patience."""
    sql = "select g, pg_sleep(0.02)::text from generate_series(1,10000) g"
    running = pgcensus.start("query", "--ndjson", sql, config=[primary.node("a")])
    until(lambda: running.out.seek(0, 2) > 0)
    primary.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where query like '%pg_sleep(0.02)%' and pid <> pg_backend_pid()"
    )
    run = running.end(within=10)
    lines = [json.loads(line) for line in run.lines]
    told = lines[-1]["nodes"][0]
    assert run.code == 1 and told["status"] == "partial"
    assert told["rows"] == sum("row" in line for line in lines) > 0
    assert told["error"]["sqlstate"] == "57P01"


async def _deaf(peer):
    await peer.startup()
    await peer.login()
    statement = await peer.query()
    assert "BEGIN" in statement
    await peer.open_envelope()
    peer.note("deaf")
    peer.reader._transport.pause_reading()
    import asyncio

    await asyncio.sleep(60)


def test_a_server_that_stops_reading(pgcensus, stage):
    """A statement of 20 MB meets somebody who does not take it."""
    node = stage.fake(_deaf).node("deaf")
    path = pgcensus.path("big.sql", "select '" + "x" * (15 << 20) + "'")
    run = pgcensus("query", "--json", "-T", "2s", "-f", path, config=[node], within=10)
    assert run.doc["nodes"][0]["error"]["class"] == "timeout"
    assert run.seconds < 2 + (2.5 if pgcensus.sanitized else 1)


def test_a_big_statement_arrives(pgcensus, primary):
    path = pgcensus.path("big.sql", "select length('" + "x" * (8 << 20) + "') as n")
    run = pgcensus("query", "--csv", "-f", path, config=[primary.node("a")])
    assert run.lines == ["node,n", f"a,{8 << 20}"]


def test_a_reader_that_left_ends_the_query(pgcensus, primary):
    from test_query import sleepers

    words = "repeat('x', 2000), pg_sleep(0.01)::text, pg_sleep(300 * (g / 900))::text"
    sql = f"select g, {words} from generate_series(1,900) g"
    config = pgcensus.config([primary.node("a")])
    done = subprocess.run(
        f"{pgcensus.exe} query --csv -C {config} \"{sql}\" | head -3; exit ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=pgcensus.environment(),
        timeout=20,
    )
    assert done.returncode == 141 and done.stderr == b""
    assert len(done.stdout.splitlines()) == 3
    until(lambda: sleepers(primary) == 0, seconds=2)


def test_a_full_disk_is_never_a_success(pgcensus, primary):
    with open("/dev/full", "w") as full:
        for form in "--csv", "--ndjson", "--json":
            running = pgcensus.start(
                "query", form, "select 1", config=[primary.node("a")], stdout=full
            )
            assert running.end(within=10).code == 3


def test_few_descriptors(pgcensus, primary):
    """Answers need descriptors of their own; nobody fails for want of them."""
    nodes = [primary.node(f"n{i}") for i in range(35)]
    sql = "select repeat('x', 1000) from generate_series(1,200)"
    argv = "query", "--json", sql
    run = pgcensus(*argv, config=nodes, limits={"nofile": 64}, within=60)
    assert run.code == 0 and len(run.doc["rows"]) == 35 * 200


@pytest.mark.parametrize("moment", ["connect", "query"])
def test_two_signals_end_it_at_once(pgcensus, stage, moment):
    script = fake.silent if moment == "connect" else after_the_envelope(_nothing)
    server = stage.fake(script)
    running = pgcensus.start("query", "select 1", config=[server.node("a")])
    assert server.wait("mute")
    running.signal(signal.SIGTERM)
    time.sleep(0.1)
    running.signal(signal.SIGTERM)
    assert running.end(within=3).code == 143

"""Time in which we stood still is charged to no node: the process is stopped for longer
than every deadline, in each phase, and healthy nodes stay ok."""

import asyncio
import signal
import time

import fake
import pytest
import wire
from place import until

STOP = 3  # seconds, and more than any deadline here
MOMENTS = ["connect", "login", "query", "facts"]


@pytest.fixture
def gated(stage):
    """A healthy server that stops in front of one of its answers until it is let go."""

    class Gated:
        def __init__(self, moment):
            self.moment, self.open = moment, asyncio.Event()
            self.fake = stage.fake(self._script)
            self.node = self.fake.node(f"at-{moment}", connect_timeout="2s")
            self.wait = lambda: self.fake.wait("at the gate")

        def go(self):
            stage.loop.call_soon_threadsafe(self.open.set)

        async def _gate(self, moment):
            if moment == self.moment:
                self.fake.note("at the gate")
                await self.open.wait()

        async def _script(self, peer):
            await self._gate("connect")
            await peer.startup()
            await self._gate("login")
            await peer.login()
            while True:
                statement = await peer.query()
                await self._gate("query" if statement == "SELECT 1" else "facts")
                await fake.select_one(peer, statement)

    return Gated


def stop_for_a_while(running, number, seconds=STOP):
    running.signal(number)
    time.sleep(seconds)
    running.signal(signal.SIGCONT)


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGTSTP], ids=["STOP", "Z"])
def test_a_stopped_process_makes_no_node_late(pgcensus, gated, number):
    servers = [gated(moment) for moment in MOMENTS]
    nodes = [server.node for server in servers]
    running = pgcensus.start("check", "--json", "-v", config=nodes)
    assert all(server.wait() for server in servers)
    stop_for_a_while(running, number)
    for server in servers:
        server.go()
    run = running.end(within=20)
    for node in run.nodes.values():
        assert node["status"] == "ok", run
        assert node["latency_ms"]["total"] < 2000, run
    assert (STOP - 1) * 1000 < run.doc["lost_ms"] <= run.doc["elapsed_ms"], run
    assert "stood still" in run.errors, run


def test_the_deadline_of_the_run_moves_as_well(pgcensus, gated):
    server = gated("login")
    running = pgcensus.start("check", "--json", "--deadline", "2s", config=[server.node])
    assert server.wait()
    stop_for_a_while(running, signal.SIGSTOP)
    server.go()
    run = running.end(within=20)
    assert run.code == 0 and run.node("at-login")["status"] == "ok", run


def test_a_query_that_was_stopped(pgcensus, gated):
    server = gated("login")
    options = "query", "--json", "-T", "2s", "select 1"
    running = pgcensus.start(*options, config=[server.node])
    assert server.wait()
    stop_for_a_while(running, signal.SIGSTOP)
    server.go()
    run = running.end(within=20)
    assert run.node("at-login")["status"] == "ok", run
    assert run.doc["lost_ms"] > (STOP - 1) * 1000, run


def test_who_does_not_answer_is_still_down(pgcensus, stage):
    """The stop gives time back, and not more than that."""
    mute = stage.fake(fake.mute_after_startup)
    nodes = [mute.node("mute", connect_timeout="2s")]
    running = pgcensus.start("check", "--json", config=nodes)
    assert mute.wait("mute")
    stop_for_a_while(running, signal.SIGSTOP)
    run = running.end(within=6)
    assert run.error("mute")["class"] == "timeout", run
    assert 1900 <= run.node("mute")["latency_ms"]["total"] < 2900, run


def test_nothing_is_lost_in_a_usual_run(pgcensus, stage):
    run = pgcensus("check", "--json", "-v", config=[stage.fake(fake.polite).node("a")])
    assert run.doc["lost_ms"] == 0 and "stood still" not in run.errors, run


@pytest.mark.parametrize("format", ["--json", "--ndjson"])
def test_ctrl_s_where_progress_is_shown_makes_no_node_late(pgcensus, gated, format):
    server = gated("login")

    def hold(running, terminal):
        until(lambda: b"check: 0/1 nodes" in terminal.shown)
        terminal.type(b"\x13")
        time.sleep(STOP)
        terminal.type(b"\x11")
        server.go()

    node = {**server.node, "connect_timeout": "9s"}  # a second and STOP pass
    run = pgcensus.on_terminal("check", format, config=[node], meanwhile=hold)
    assert run.code == 0, run
    if format == "--json":
        assert run.doc["lost_ms"] == 0, run  # it was not even held up

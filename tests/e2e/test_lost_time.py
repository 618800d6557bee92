"""Time in which we stood still is charged to no node: the process is stopped for longer
than every deadline, in each phase, and healthy nodes stay ok."""

import asyncio
import signal
import time

import fake
import pytest
import wire
from place import until
from stage import Gone

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


def test_a_clock_is_not_off_because_we_stood_still(pgcensus, stage):
    """What is given back to deadlines has passed on the clocks, too."""
    gate = asyncio.Event()

    async def on_query(peer, statement):
        if not fake.asks_for_facts(statement):
            await fake.select_one(peer, statement)
            return
        peer.note("at the gate")
        await gate.wait()
        now = str(int(time.time() * 1_000_000))
        await fake.tell_facts(peer, statement, fake.facts_answer(clock=now))

    server = stage.fake(fake.with_statements(on_query))
    limit = "--critical", "clock_offset=1s"
    running = pgcensus.start("check", "--json", *limit, config=[server.node("n")])
    assert server.wait("at the gate")
    running.signal(signal.SIGSTOP)
    stage.loop.call_soon_threadsafe(gate.set)
    time.sleep(STOP)
    running.signal(signal.SIGCONT)
    run = running.end(within=20)
    facts = run.node("n")["facts"]
    assert abs(facts["clock_offset_ms"]) <= facts["clock_uncertainty_ms"] + 5, facts
    assert run.node("n")["status"] == "unknown", run


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


@pytest.fixture
def impatient(stage):
    """A server whose first connection it gives up in front of one of its answers, when
    it is told to; those behind it are served.  With words or without, as a server does
    by authentication_timeout or a pooler by client_login_timeout."""

    class Impatient:
        def __init__(self, moment, last_words=b""):
            self.over, self.moment, self.last_words = asyncio.Event(), moment, last_words
            self.fake = stage.fake(self._script)
            self.wait = lambda: self.fake.wait("at the gate")

        def give_up(self):
            stage.loop.call_soon_threadsafe(self.over.set)
            assert self.fake.wait("given up")

        async def _gate(self, peer, moment):
            if moment != self.moment or (self.over.is_set() and not self.always):
                return
            peer.note("at the gate")
            await self.over.wait()
            await peer.send(self.last_words)
            peer.writer.close()
            peer.note("given up")
            raise Gone

        always = False

        async def _script(self, peer):
            await peer.startup()
            await self._gate(peer, "login")
            await peer.login()
            while True:
                statement = await peer.query()
                await self._gate(peer, statement.split()[0])
                await fake.select_one(peer, statement)

    return Impatient


AUTHENTICATION_TIMEOUT = wire.error("57014", "canceling authentication due to timeout")
IDLE_TIMEOUT = wire.error("25P03", "terminating connection due to idle-in-transaction")
LAST_WORDS = [
    ("login", b""),
    ("login", AUTHENTICATION_TIMEOUT),
    ("BEGIN", b""),
    ("select", b""),
    ("select", IDLE_TIMEOUT),
]


def given_up_while_stopped(pgcensus, server, *options, config=()):
    running = pgcensus.start(*options, config=[server.fake.node("a", **dict(config))])
    assert server.wait()
    running.signal(signal.SIGSTOP)
    server.give_up()
    time.sleep(1)
    running.signal(signal.SIGCONT)
    return running.end(within=20)


@pytest.mark.parametrize("moment, words", LAST_WORDS)
def test_a_server_that_gave_us_up_meanwhile_is_asked_again(
    pgcensus, impatient, moment, words
):
    """Ctrl-Z for longer than authentication_timeout, a laptop that slept."""
    server = impatient(moment, words)
    statement = "select 'x'"
    run = given_up_while_stopped(pgcensus, server, "query", "--json", statement)
    assert run.code == 0 and run.node("a")["status"] == "ok", run
    assert server.fake.count("connected") == 2, run


@pytest.mark.parametrize("moment, words", [*LAST_WORDS[:2], ("SELECT", b"")])
def test_a_check_that_was_given_up_meanwhile(pgcensus, impatient, moment, words):
    run = given_up_while_stopped(pgcensus, impatient(moment, words), "check", "--json")
    node = run.node("a")
    assert run.code == 0 and node["status"] == "ok", run
    assert node["latency_ms"]["total"] < 900, run


def test_who_gives_everybody_up_is_down(pgcensus, impatient):
    """A stop excuses one failure, not the next one."""
    server = impatient("login")
    server.always = True
    run = given_up_while_stopped(pgcensus, server, "check", "--json")
    assert run.code == 2 and run.error("a")["class"] == "lost", run
    assert server.fake.count("connected") == 2, run


def test_what_may_have_written_is_not_sent_twice(pgcensus, impatient):
    server = impatient("delete")
    options = "query", "--json", "--write", "--yes", "delete from t"
    run = given_up_while_stopped(
        pgcensus, server, *options, config={"allow_write": True}
    )
    assert run.error("a")["class"] == "lost", run
    sent = [q for q in server.fake.notes("query") if q.startswith("delete")]
    assert len(sent) == 1, run


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

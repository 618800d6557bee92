"""Being told to stop, in every phase: fault 28."""

import json
import os
import pathlib
import re
import signal
import time

import fake
import pytest
from stage import Hole

INT, TERM, HUP = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
QUIT = signal.SIGQUIT


@pytest.fixture
def stuck(stage):
    """Makes a configuration with a node that is ok and one that is stuck in a phase,
    and waits until both are where they should be."""

    class Stuck:
        def __init__(self):
            self.polite = stage.fake(fake.polite)
            self.hole = None

        def nodes(self, phase):
            return [self.polite.node("done"), self._stuck(phase)]

        def _stuck(self, phase):
            if phase == "connect":
                self.hole = Hole()
                self.reached = lambda: True
                return self.hole.node("stuck")
            script, note, keys = {
                "tls": (fake.stalls_in_tls, "mute", {}),
                "auth": (fake.mute_after_startup, "mute", {}),
                "scram": (_stalls_in_scram, "mute", {"password": "x"}),
                "query": (fake.mute_after_login, "mute", {}),
            }[phase]
            server = stage.fake(script)
            self.reached = lambda: server.wait(note)
            return server.node("stuck", **keys)

        def wait(self):
            assert self.polite.wait("ended") and self.reached()

    stuck = Stuck()
    yield stuck
    if stuck.hole:
        stuck.hole.close()


async def _stalls_in_scram(peer):
    import wire

    await peer.startup()
    await peer.send(wire.AUTH_SASL)
    await peer.password()
    await peer.forever()


PHASES = ["connect", "tls", "auth", "scram", "query"]


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("number", [INT, TERM, QUIT], ids=["INT", "TERM", "QUIT"])
def test_a_signal_prints_what_arrived(pgcensus, stuck, phase, number):
    running = pgcensus.start(
        "check", "--json", "-T", "30s", config=stuck.nodes(phase)
    )
    stuck.wait()
    running.signal(number)
    run = running.end(within=3)
    assert run.code == 128 + number == run.doc["exit_code"]
    assert run.node("done")["status"] == "ok"
    node = run.node("stuck")
    assert node["status"] == "unknown"
    assert node["error"]["class"] == "cancelled"
    assert "interrupted" in node["error"]["message"]
    assert run.seconds < 10


@pytest.mark.parametrize("number", [INT, QUIT], ids=["INT", "QUIT"])
@pytest.mark.parametrize("form", ["json", "ndjson", "table"])
def test_a_signal_while_loading(pgcensus, form, number):
    """Reading so many nodes takes much longer than noticing that signals are noted."""
    nodes = [{"name": f"n{i}", "host": "127.0.0.1", "port": 1} for i in range(2000)]
    running = pgcensus.start("check", "--format", form, config=nodes)
    while not _is_noted(running.pid, number):
        assert running.process.poll() is None
    running.signal(number)
    run = running.end(within=20)
    assert run.code == 128 + number
    assert run.errors == "pgcensus: interrupted\n"
    if form == "table":
        assert run.text == ""
    else:
        assert run.doc["schema"] == "pgcensus.error/1"
        assert run.doc["error"] == {"class": "interrupted", "message": "interrupted"}


def _is_noted(pid, number):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    caught = int(re.search(r"^SigCgt:\s*(\w+)$", status, re.MULTILINE)[1], 16)
    return caught >> (number - 1) & 1


@pytest.mark.parametrize("form", ["table", "ndjson", "csv", "nagios", "prometheus"])
def test_every_format_prints_what_arrived(pgcensus, stuck, form):
    argv = "check", "--format", form, "-T", "30s"
    running = pgcensus.start(*argv, config=stuck.nodes("query"))
    stuck.wait()
    running.signal(INT)
    run = running.end(within=3)
    assert run.code == 130
    assert "done" in run.text and "stuck" in run.text


def test_nodes_that_were_not_started_are_unknown(pgcensus, stage):
    silent = stage.fake(fake.silent)
    nodes = [silent.node(f"n{i}") for i in range(20)]
    running = pgcensus.start("check", "--json", "-j", "2", "-T", "30s", config=nodes)
    assert silent.wait("mute", 2)
    running.signal(INT)
    run = running.end(within=3)
    assert run.doc["summary"]["unknown"] == 20
    assert silent.count("connected") == 2
    assert [n["attempts"] for n in run.doc["nodes"]].count(0) == 18


def test_hangup_ends_like_any_signal(pgcensus, stuck):
    running = pgcensus.start("check", "--json", "-T", "30s", config=stuck.nodes("auth"))
    stuck.wait()
    running.signal(HUP)
    run = running.end(within=3)
    assert run.code in (128 + HUP, -HUP)


def test_the_second_signal_is_immediate(pgcensus, stuck, stage):
    """The first one makes it print, into a pipe that nobody reads."""
    many = [stuck.polite.node(f"n{i:04}" + "x" * 100) for i in range(1000)]
    ours, theirs = os.pipe()
    argv = "check", "--json", "-T", "30s"
    running = pgcensus.start(*argv, config=many + stuck.nodes("query"), stdout=theirs)
    os.close(theirs)
    stuck.wait()
    assert stuck.polite.wait("ended", 1001)
    running.signal(INT)
    _until_pipe_is_full(ours)
    time.sleep(0.1)
    running.signal(INT)
    run = running.end(within=1)
    os.close(ours)
    assert run.code == 130


WRITERS = {
    "check": ["check"],
    "topology": ["nodes", "--topology"],
    "query": ["query", "select repeat('x', 1000)"],
    "fold": ["query", "--fold", "select repeat('x', 100000)"],
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_signal_while_output_is_written_is_immediate(pgcensus, primary, writer):
    """Nothing waits any more that would obey it, and the pipe may stay full."""
    nodes = [primary.node(f"n{i:03}" + "x" * 500) for i in range(120)]
    ours, theirs = os.pipe()
    argv = *WRITERS[writer], "--json", "-j", "20"
    running = pgcensus.start(*argv, config=nodes, stdout=theirs)
    os.close(theirs)
    _until_pipe_is_full(ours)
    running.signal(INT)
    run = running.end(within=1)
    os.close(ours)
    assert run.code == 130


ASKERS = {
    "check": ["check"],
    "topology": ["nodes", "--topology"],
    "query": ["query", "select 1"],
    "rows": ["query", "--csv", "select 1"],
}


@pytest.mark.parametrize("asker", ASKERS)
def test_an_output_that_fails_does_not_hide_the_signal(pgcensus, stuck, asker):
    """A loop in a shell ends only if it learns that its command was interrupted."""
    with open("/dev/full", "wb") as full:
        running = pgcensus.start(
            *ASKERS[asker], "-T", "30s", config=stuck.nodes("auth"), stdout=full
        )
        stuck.wait()
        running.signal(INT)
        run = running.end(within=3)
    assert run.code == 130
    assert "No space left" in run.errors


def _until_pipe_is_full(fd):
    import fcntl
    import struct
    import termios

    from place import until

    def queued():
        return struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, b"\0" * 4))[0]

    until(lambda: queued() >= 65536)


def test_the_second_signal_ends_a_hostile_computation(pgcensus, stage, tls):
    server = stage.fake(fake.scram, iterations=2**31 - 1, tls=tls())
    nodes = [server.node("a", password="x", sslmode="require")]
    running = pgcensus.start("check", "-T", "60s", config=nodes)
    assert server.wait("password")
    running.signal(INT)
    time.sleep(0.1)
    running.signal(INT)
    assert running.end(within=2).code == 130


@pytest.mark.parametrize("pause", [0, 0.0002, 0.002])
def test_a_signal_that_comes_twice_is_one(pgcensus, stuck, tmp_path, pause):
    """timeout(1) sends it to the process and to its group; what arrived is kept."""
    path = tmp_path / "out.json"
    argv = "check", "--json", "-T", "30s", "-o", str(path)
    running = pgcensus.start(*argv, config=stuck.nodes("query"))
    stuck.wait()
    running.signal(TERM)
    time.sleep(pause)
    running.signal(TERM)
    assert running.end(within=3).code == 128 + TERM
    assert json.loads(path.read_text())["summary"]["ok"] > 0


def test_stop_and_continue(pgcensus, stuck):
    running = pgcensus.start("check", "--json", "-T", "4s", config=stuck.nodes("query"))
    stuck.wait()
    running.signal(signal.SIGTSTP)
    _, status = os.waitpid(running.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    running.signal(signal.SIGCONT)
    run = running.end(within=8)
    assert run.code == 2
    assert run.node("done")["status"] == "ok"
    assert run.error("stuck")["class"] == "timeout"


def test_ctrl_c_from_a_terminal(pgcensus, stuck):
    def press(running, terminal):
        stuck.wait()
        terminal.type(b"\x03")

    nodes = stuck.nodes("query")
    run = pgcensus.on_terminal(
        "check", "--json", "-T", "30s", config=nodes, meanwhile=press, within=10
    )
    assert run.code == 130
    assert run.node("done")["status"] == "ok"


def test_interrupt_cancels_on_the_server(pgcensus, primary):
    """What ran for us on a server is gone soon after we are."""
    from place import until

    nodes = [primary.node("a", check={"query": "select pg_sleep(300)"})]
    running = pgcensus.start("check", "-T", "200s", config=nodes)
    until(lambda: sleepers(primary) == 1)
    running.signal(INT)
    assert running.end(within=3).code == 130
    until(lambda: sleepers(primary) == 0, seconds=3)


def sleepers(cluster):
    return int(
        cluster.sql(
            "select count(*) from pg_stat_activity"
            " where query like '%pg_sleep(3%' and pid <> pg_backend_pid()"
        )
    )

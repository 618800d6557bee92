"""tools/demo: one command shows everything and leaves nothing behind.

That its output is the one in README.md is tests/lint/demo.py's business."""

import glob
import os
import re
import signal
import subprocess

import pytest
from place import binary, until
from run import Census


@pytest.fixture
def demo(exe, source):
    try:
        binary("initdb")
    except FileNotFoundError:
        pytest.skip("no PostgreSQL server here")

    def start(*argv):
        return subprocess.Popen(
            [f"{source}/tools/demo", *argv],
            env={**os.environ, "PGCENSUS": exe},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    return start


def fleets():
    return set(glob.glob("/tmp/pgcensus-demo.*"))


def servers():
    """The demo's, by their directories."""
    found = set()
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                words = file.read().decode(errors="replace").split("\0")
        except OSError:
            continue
        found |= {word for word in words if word.startswith("/tmp/pgcensus-demo.")}
    return found


def test_nothing_is_left_behind(demo):
    before = fleets()
    run = demo()
    shown, _ = run.communicate(timeout=60)
    assert run.returncode == 0, shown
    assert fleets() == before
    assert not servers()
    for line in "config check", "check --json", "=> exit 0", "=> exit 2":
        assert line in shown


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_behind_when_it_is_interrupted(demo, number):
    before = fleets()
    run = demo()
    until(lambda: any("/primary" in home for home in servers()))
    os.killpg(run.pid, number)
    run.communicate(timeout=60)
    assert run.returncode == 128 + number
    until(lambda: fleets() == before and not servers())


def test_keep(demo, exe, place):
    before = fleets()
    run = demo("--keep")
    shown, _ = run.communicate(timeout=60)
    assert run.returncode == 0, shown
    (folder,) = fleets() - before
    config = re.search(r"PGCENSUS_CONFIG=(\S+)", shown)[1]
    stop = re.search(r"tools/demo --stop \S+", shown)[0]
    try:
        judge_the_fleet(Census(exe, place.root), config)
    finally:
        stopping = demo(*stop.split()[1:])
        stopping.communicate(timeout=60)
    assert stopping.returncode == 0
    assert not os.path.exists(folder)
    assert not servers()


def judge_the_fleet(pgcensus, config):
    """What the issue promises of it."""
    names = ["primary", "standby1", "standby2", "dead"]
    run = pgcensus("check", "--json", config=config, expect=names)
    assert run.code == 2
    roles = [node["role"] for node in run.doc["nodes"]]
    assert roles == ["primary", "standby", "standby", None]
    assert run.error("dead")["class"] == "refused"
    assert pgcensus("check", "-n", "!dead", config=config).code == 0
    quiet = pgcensus("check", "-q", "-n", "!dead", config=config)
    assert (quiet.code, quiet.text, quiet.errors) == (0, "", "")

"""--state-file: fall, rise and flapping from run to run, and what becomes of a file that
runs share, lose, damage or were given by mistake."""

import fcntl
import json
import os
import signal
import threading
import time
from contextlib import closing

import fake
import pytest
from place import until
from replicas import Fleet
from stage import Refuser

DEFAULTS = {"check": {"fall": 3, "rise": 1}}


class Pair:
    """A node that is well, and one that can be switched off and on."""

    def __init__(self, pgcensus, stage):
        self.census = pgcensus
        self.behaviour = fake.polite
        self.steady, self.shaky = stage.fake(fake.polite), stage.fake(self.behave)
        self.config = self.configure()
        self.file = None

    async def behave(self, peer):
        await self.behaviour(peer)

    def configure(self, defaults=DEFAULTS, **keys):
        nodes = [self.steady.node("steady", **keys), self.shaky.node("shaky", **keys)]
        return self.census.config(nodes, defaults=defaults)

    def off(self, behaviour=fake.closes):
        self.behaviour = behaviour

    def on(self):
        self.behaviour = fake.polite

    def check(self, *argv, config=None, file=None, **kinds):
        """--json unless a format is asked for."""
        if not any(word.startswith("--format") or word == "-q" for word in argv):
            argv += ("--json",)
        return self.census(
            *["check", "--facts", "none", "--state-file", file or self.file, *argv],
            config=config or self.config,
            **kinds,
        )


@pytest.fixture
def pair(pgcensus, stage, tmp_path):
    pair = Pair(pgcensus, stage)
    pair.file = str(tmp_path / "state")
    return pair


def codes(run, name="shaky"):
    return [reason["code"] for reason in run.node(name)["reasons"]]


def past(run, name="shaky"):
    return run.node(name)["past"]


def test_without_a_file_there_is_no_past(pair):
    run = pair.census("check", "--json", config=pair.config)
    assert past(run) is None


def test_fall(pair):
    first = pair.check()
    assert first.code == 0 and "is new" in first.errors
    assert past(first) == {
        "state": "healthy",
        "since": past(first)["since"],
        "consecutive_failures": 0,
        "consecutive_successes": 1,
        "changes": 0,
        "flapping": False,
    }
    pair.off()
    for failures in 1, 2:
        run = pair.check()
        assert run.code == 1 and run.node("shaky")["status"] == "warn"
        assert run.error("shaky")["class"] == "lost"
        assert codes(run)[1:] == ["fall"]
        reason = run.node("shaky")["reasons"][1]
        assert (reason["value"], reason["limit"]) == (str(failures), "3")
        assert past(run)["consecutive_failures"] == failures
        assert past(run)["since"] == past(first)["since"]
    for _ in range(2):
        run = pair.check()
        assert run.code == 2 and run.node("shaky")["status"] == "down"
        assert "fall" not in codes(run)
        assert past(run)["state"] == "unhealthy"
    since = past(run)["since"]
    assert since >= past(first)["since"]
    pair.on()
    run = pair.check()
    assert run.code == 0 and past(run)["state"] == "healthy"
    assert past(run, "steady")["consecutive_successes"] == 6


def test_a_real_server(pair, clusters):
    server = clusters.new("shaky")
    config = pair.census.config(
        [server.node("shaky", host=server.home, user="postgres")], defaults=DEFAULTS
    )
    assert pair.check(config=config).code == 0
    server.stop("fast")
    assert [pair.check(config=config).code for _ in range(4)] == [1, 1, 2, 2]
    server.start()
    assert pair.check(config=config).code == 0


def test_rise(pair):
    config = pair.configure({"check": {"fall": 1, "rise": 2}})
    pair.check(config=config)
    pair.check(config=config)
    pair.off()
    assert pair.check(config=config).code == 2
    pair.on()
    run = pair.check(config=config)
    assert run.code == 2 and run.node("shaky")["status"] == "down"
    assert run.error("shaky") is None and codes(run) == ["rise"]
    assert pair.check(config=config).code == 0


def test_a_node_that_was_never_well_is_down_at_once(pair):
    pair.off()
    run = pair.check()
    assert run.code == 2 and codes(run) == [run.error("shaky")["class"]]


def test_a_refused_login_is_down_at_once(pair):
    pair.check()
    pair.off(fake.fatal("28P01", "password authentication failed"))
    run = pair.check()
    assert run.code == 2 and run.node("shaky")["status"] == "down"


def test_another_place_has_another_past(pair):
    pair.check()
    with closing(Refuser()) as refuser:
        nodes = [refuser.node("steady"), refuser.node("shaky")]
        run = pair.check(config=nodes)
    assert run.code == 2, "it is not the node that was well"


def test_flapping(pair):
    pair.check()
    said = []
    for _ in range(5):
        pair.off()
        said.append(pair.check())
        pair.on()
        said.append(pair.check())
    assert [run.code for run in said] == [1, 0, 1, 0, 1, 0, 1, 0, 1, 1]
    last = said[-1]
    assert codes(last) == ["flapping"] and last.error("shaky") is None
    assert past(last)["flapping"] and past(last)["changes"] == 10
    assert codes(last, "steady") == []


def test_a_group_does_not_miss_its_primary_at_once(pair):
    config = pair.configure(group="g")
    require = ["--require", "primaries=2"]
    pair.check(config=config)
    pair.off()
    run = pair.check(*require, config=config)
    assert run.code == 1 and run.doc["groups"][0]["status"] == "ok"
    pair.check(config=config)
    run = pair.check(*require, config=config)
    assert run.code == 2 and run.doc["groups"][0]["status"] == "down"


def test_who_missed_a_check_is_not_alive(pair):
    """To a quorum that would be met by nobody else."""
    pair.check()
    pair.off()
    assert pair.check("--min-ok", "1").code == 0
    assert pair.check("--min-ok", "2").code == 1
    assert pair.check("--min-ok", "2").code == 2


def test_a_past_outlives_a_role_that_nobody_has(pair):
    run = pair.check("--role", "standby")
    assert run.code == 3
    run = pair.check()
    assert past(run)["consecutive_successes"] == 2


def test_last_week_is_no_reason_to_be_let_off(pair):
    pair.check()
    pair.off()
    with open(pair.file) as file:
        lines = [line.split("\t") for line in file.read().splitlines()]
    for fields in lines[1:-1]:
        fields[6] = str(int(fields[6]) - 3 * 24 * 3600)
    with open(pair.file, "w") as file:
        file.writelines("\t".join(fields) + "\n" for fields in lines)
    assert pair.check().code == 2


def test_a_primary_may_miss_a_check(pgcensus, clusters, tmp_path):
    """And nothing is said of the lag of its standbys meanwhile."""
    fleet = Fleet(clusters, "missed")
    config = pgcensus.config(
        fleet.nodes("p", "a"),
        defaults={"thresholds": {"lag_bytes": {"critical": "1GB"}}},
        groups=[{"name": "orders", "require": {"primaries": 1}}],
    )
    state = ["--state-file", str(tmp_path / "state")]
    pgcensus("check", *state, config=config)
    fleet.p.stop("fast")
    for code in 1, 1, 2:
        run = pgcensus("check", "--json", *state, config=config)
        assert run.code == code, run
        lag = run.node("a")["facts"]["replication"]["lag_reason"]
        assert lag == ("missed_check" if code == 1 else "no_primary")
        assert run.node("a")["status"] == ("ok" if code == 1 else "unknown")


def test_formats(pair):
    pair.check()
    pair.off()
    run = pair.check("--format", "nagios")
    assert run.code == 1 and run.text.startswith("PGCENSUS WARNING - 1/2 ok, shaky: ")
    assert "failed 1 time in a row, down after 3" in run.text
    run = pair.check("--format", "prometheus")
    assert 'pgcensus_up{node="shaky",group=""} 0' in run.text
    assert 'pgcensus_consecutive_failures{node="shaky"} 2' in run.text
    assert 'pgcensus_flapping{node="shaky"} 0' in run.text
    run = pair.check("--format", "ndjson")
    lines = [json.loads(line) for line in run.lines]
    assert [line.get("node") for line in lines] == ["steady", "shaky", None]
    assert lines[1]["status"] == "down"
    assert lines[1]["past"]["consecutive_failures"] == 3


def test_nodes_that_were_not_asked_keep_their_past(pair):
    pair.check()
    pair.off()
    pair.check()
    pair.check("-n", "steady")
    run = pair.check()
    assert past(run)["consecutive_failures"] == 2


def test_silence(pair):
    assert pair.check("-q").errors == "", "that it is new is no problem"
    assert pair.check("-q").errors == ""
    os.unlink(pair.file)
    pair.off()
    run = pair.check("-q")
    assert run.code == 2 and "is new" in run.errors, "why it is not let off"


# ---- the file ----


def test_the_file_is_text(pair):
    pair.check()
    with open(pair.file) as file:
        first, *records, last = file.read().splitlines()
    assert (first, last) == ("pgcensus-state 1", "end 2")
    assert [record.split("\t")[0] for record in records] == ["shaky", "steady"]
    assert all(record.split("\t")[2] == "healthy" for record in records)
    assert os.listdir(os.path.dirname(pair.file)) == ["state"], "nothing lies beside it"


def test_a_lost_file_is_a_warning(pair):
    pair.check()
    os.unlink(pair.file)
    run = pair.check()
    assert run.code == 0 and "is new: no node has a past yet" in run.errors


@pytest.mark.parametrize("damage", ["half", "zeros", "noise"])
def test_a_torn_file_begins_anew(pair, damage):
    pair.check()
    with open(pair.file, "r+b") as file:
        whole = file.read()
        file.seek(0)
        file.truncate()
        torn = {
            "half": whole[: len(whole) // 2],
            "zeros": bytes(len(whole)),
            "noise": whole.replace(b"healthy", b"h\xffalthy"),
        }
        file.write(torn[damage])
    pair.off()
    run = pair.check()
    assert run.code == 2, "down is down where nothing is known"
    assert ("is new" if damage == "zeros" else "damaged") in run.errors
    pair.on()
    run = pair.check()
    assert run.code == 0 and run.errors == ""


def test_a_run_that_is_killed_leaves_the_old_file(pair):
    pair.check()
    with open(pair.file) as file:
        before = file.read()
    pair.off(fake.silent)
    running = pair.census.start(
        *["check", "--state-file", pair.file, "-T", "20s"], config=pair.config
    )
    until(lambda: is_locked(pair.file))
    running.signal(signal.SIGKILL)
    running.end(10)
    pair.on()
    with open(pair.file) as file:
        assert file.read() == before
    run = pair.check()
    assert run.code == 0 and run.errors == ""
    assert past(run)["consecutive_successes"] == 2


def is_locked(path):
    with open(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
        except BlockingIOError:
            return True


@pytest.mark.parametrize(
    "words, says",
    [
        ("nodes: []\n", "no state file of pgcensus and is left alone"),
        ("pgcensus-state 2\nof a day to come\n", "newer pgcensus and is left alone"),
    ],
)
def test_what_is_not_ours_is_left_alone(pair, words, says):
    with open(pair.file, "w") as file:
        file.write(words)
    pair.off()
    run = pair.check()
    assert run.code == 2 and says in run.errors
    assert past(run) is None
    with open(pair.file) as file:
        assert file.read() == words


def test_a_file_that_cannot_be_written_is_a_warning(pair, tmp_path):
    """And a node is never let off on the word of a count that nobody keeps."""
    for path, says in (
        (str(tmp_path / "nowhere" / "state"), "No such file"),
        (str(tmp_path), "Is a directory"),
        ("/dev/null", "not a regular file"),
    ):
        run = pair.check(file=path)
        assert run.code == 0 and says in run.errors, run
        plugin = pair.check("--format", "nagios", file=path)
        assert plugin.code == 0 and says in plugin.text
    pair.check()
    pair.off()
    folder, name = os.path.split(pair.file)
    for i in range(64):  # whoever we are, nothing can be created there
        os.mkdir(f"{folder}/.{name}.pgcensus-{i}")
    for _ in range(2):
        run = pair.check()
        assert run.code == 2 and "could not create" in run.errors
        assert past(run) is None


def test_runs_follow_one_another(pair):
    """None of the counts is lost."""
    pair.check()
    threads = [threading.Thread(target=pair.check) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run = pair.check()
    assert past(run)["consecutive_successes"] == 8 and run.errors == ""


@pytest.mark.parametrize("deadline", ["1s", "1ms"])
def test_a_lock_is_not_waited_for_for_ever(pair, deadline):
    pair.check()
    with open(pair.file) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        began = time.monotonic()
        run = pair.check("--deadline", deadline)
        assert time.monotonic() - began < 5
    assert "another run has" in run.errors
    assert past(run) is None
    assert run.code == 0 or deadline == "1ms"


def test_a_slow_reader_holds_up_nobody(pair):
    """Who waits for the file gets it before what it says is written."""
    pair.check()
    pair.off(fake.silent)
    nodes = [pair.shaky.node("shaky")]
    nodes += [pair.steady.node(f"n{i}") for i in range(200)]
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    slow = pair.census.start(
        *["check", "--json", "--state-file", pair.file, "-T", "1s"],
        config=nodes,
        stdout=writer,
    )
    os.close(writer)
    until(lambda: is_locked(pair.file))
    run = pair.check("-n", "steady")
    assert run.code == 0 and run.errors == ""
    while os.read(reader, 65536):
        pass
    os.close(reader)
    assert slow.process.wait(10) == 1


def test_a_signal_ends_the_waiting(pair):
    pair.check()
    with open(pair.file) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        running = pair.census.start(
            *["check", "--json", "--state-file", pair.file], config=pair.config
        )
        time.sleep(0.7)
        running.signal(signal.SIGINT)
        run = running.end(5)
    assert run.code == 130 and len(run.doc["nodes"]) == 2


def test_the_file_stays_its_owners(pair):
    """A run by root does not take it away from cron's user."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    pair.check()
    os.chown(pair.file, 65534, 65534)
    os.chmod(pair.file, 0o640)
    pair.check()
    there = os.stat(pair.file)
    assert (there.st_uid, there.st_gid, there.st_mode & 0o777) == (65534, 65534, 0o640)


def test_a_symbolic_link_stays_one(pair, tmp_path):
    link = str(tmp_path / "link")
    os.symlink(pair.file, link)
    pair.check(file=link)
    run = pair.check(file=link)
    assert os.path.islink(link) and run.errors == ""
    assert past(run)["consecutive_successes"] == 2


@pytest.mark.parametrize("words", [b"", bytes(64)])
def test_a_link_to_what_is_not_ours_is_left_alone(pair, tmp_path, words):
    """It is empty, or full of zeros, but whose?"""
    theirs, link = tmp_path / "theirs", str(tmp_path / "link")
    theirs.write_bytes(words)
    os.symlink(theirs, link)
    pair.off()
    run = pair.check(file=link)
    assert run.code == 2 and "reached by a symbolic link" in run.errors
    assert theirs.read_bytes() == words and past(run) is None


def test_a_dangling_link_makes_its_file(pair, tmp_path):
    link = str(tmp_path / "link")
    os.symlink("there", link)
    pair.check(file=link)
    run = pair.check(file=link)
    assert os.path.islink(link) and (tmp_path / "there").stat().st_size > 0
    assert past(run)["consecutive_successes"] == 2 and run.errors == ""


def test_the_neighbours_of_the_file_are_not_ours(pair):
    """STATE.new may be another's; and nothing of ours is left there."""
    folder = os.path.dirname(pair.file)
    with open(pair.file + ".new", "w") as file:
        file.write("mine")
    before = set(os.listdir(folder))
    pair.check()
    with open(pair.file + ".new") as file:
        assert file.read() == "mine"
    assert set(os.listdir(folder)) - before <= {os.path.basename(pair.file)}


def test_an_empty_name_is_refused(pair):
    run = pair.census("check", "--state-file", "", config=pair.config)
    assert run.code == 3 and "name of a file is missing" in run.errors

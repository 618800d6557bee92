"""Where results go when that is not easy: full, closed, slow, a file, a terminal.
Fault 26."""

import json
import os
import re
import signal
import socket
import struct
import tempfile

import fake
import pytest
from stage import Hole

FORMATS = ["table", "json", "ndjson", "csv", "nagios", "prometheus"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_is_never_a_success(pgcensus, fine, form):
    with open("/dev/full", "wb") as full:
        run = pgcensus("check", "--format", form, config=fine, stdout=full)
    assert run.code == 3
    assert "No space left on device" in run.errors


@pytest.mark.parametrize(
    "argv", [("--version",), ("help",), ("nodes",), ("config", "example")]
)
def test_every_command_notices_a_full_disk(pgcensus, fine, argv):
    config = fine if argv == ("nodes",) else None
    with open("/dev/full", "wb") as full:
        run = pgcensus(*argv, config=config, stdout=full)
    assert run.code == 3


def test_closed_stdout_is_never_a_success(pgcensus, fine):
    prefix = ["sh", "-c", 'exec "$@" >&-', "sh"]
    run = pgcensus("check", config=fine, prefix=prefix)
    assert run.code == 3
    assert run.errors.startswith("pgcensus: ")


@pytest.mark.parametrize("form", FORMATS)
def test_a_reader_that_left_is_never_a_success(pgcensus, fine, form):
    """| true"""
    ours, theirs = os.pipe()
    os.close(ours)
    run = pgcensus("check", "--format", form, config=fine, stdout=theirs)
    os.close(theirs)
    assert run.code not in (0, 1, 2)


def after_the_reader_left(pgcensus, *argv, config):
    ours, theirs = os.pipe()
    os.close(ours)
    run = pgcensus(*argv, config=config, stdout=theirs, expect=[])
    os.close(theirs)
    return run.code, run.errors


@pytest.mark.parametrize(
    "argv",
    [
        ("check",),
        ("check", "--csv"),
        ("check", "--ndjson"),
        ("query", "select 1"),
        ("query", "--csv", "select 1"),
        ("query", "--ndjson", "select 1"),
        ("nodes",),
        ("nodes", "--csv"),
        ("nodes", "--topology"),
        ("config", "show"),
        ("config", "check"),
    ],
    ids=" ".join,
)
def test_head_has_seen_enough_of_lines(pgcensus, primary, argv):
    """The shell sees what it sees of any other program: 141, and no word."""
    nodes = [primary.node("pg-a")]
    assert after_the_reader_left(pgcensus, *argv, config=nodes) == (141, "")


@pytest.mark.parametrize(
    "argv", [("--version",), ("help",), ("check", "--help"), ("config", "example")]
)
def test_head_has_seen_enough_of_text(pgcensus, argv):
    assert after_the_reader_left(pgcensus, *argv, config=None) == (141, "")


@pytest.mark.parametrize(
    "argv",
    [
        ("check", "--json"),
        ("check", "--format", "nagios"),
        ("check", "--format", "prometheus"),
        ("query", "--json", "select 1"),
        ("nodes", "--json"),
        ("config", "check", "--json"),
    ],
    ids=" ".join,
)
def test_half_a_document_is_no_use_to_anybody(pgcensus, primary, argv):
    code, errors = after_the_reader_left(pgcensus, *argv, config=[primary.node("pg-a")])
    assert code == 3 and "Broken pipe" in errors


def test_head_of_a_long_stream(pgcensus, primary):
    """The statement ends on the server, and so does the run."""
    sql = "select g, repeat('x', 1000) from generate_series(1, 1000000) g"
    ours, theirs = os.pipe()
    running = pgcensus.start(
        "query", "--csv", sql, config=[primary.node("pg-a")], stdout=theirs
    )
    os.close(theirs)
    with os.fdopen(ours, "rb") as reader:
        assert reader.readline() == b"node,g,repeat\n"
    run = running.end(20)
    assert (run.code, run.errors) == (141, "")


def test_a_reader_that_does_not_read_stops_no_deadline(pgcensus, stage):
    """| sleep: the pipe is full long before the silent node's deadline; its verdict
    must still be a timeout at its own deadline."""
    silent, polite = stage.fake(fake.silent), stage.fake(fake.polite)
    nodes = [polite.node(f"n{i:04}" + "x" * 100) for i in range(400)]
    nodes.append(silent.node("slow", sslmode="disable"))
    ours, theirs = os.pipe()
    running = pgcensus.start(
        "check", "--ndjson", "-T", "3s", config=nodes, stdout=theirs
    )
    os.close(theirs)
    assert silent.wait("connected")
    assert silent.wait("ended")  # pgcensus gave the silent node up: nobody has read yet
    with os.fdopen(ours) as stream:
        lines = [json.loads(line) for line in stream]
    running.end(10)
    (slow,) = [line for line in lines if line.get("node") == "slow"]
    assert slow["error"]["class"] == "timeout"
    assert 2990 <= slow["latency_ms"]["total"] < 3500
    assert lines[-1]["summary"]["ok"] == 400


# ---- -o ----


def test_output_file(pgcensus, fine):
    path = pgcensus.path("report.json", "old")
    run = pgcensus("check", "--json", "-o", path, config=fine)
    assert (run.code, run.text) == (0, "")
    assert json.load(open(path))["status"] == "ok"


def test_output_file_is_replaced_in_one_piece(pgcensus, stage):
    """Whoever opens it meanwhile sees the old content, and afterwards the new one."""
    silent = stage.fake(fake.silent)
    folder = pgcensus.path("folder")
    os.remove(folder)
    os.mkdir(folder)
    path = os.path.join(folder, "report.json")
    with open(path, "w") as file:
        file.write("old")
    argv = "check", "--json", "-T", "1s", "-o", path
    running = pgcensus.start(*argv, config=[silent.node("a")])
    assert silent.wait("mute")
    assert open(path).read() == "old"
    inode = os.stat(path).st_ino
    assert running.end(10).code == 2
    assert json.load(open(path))["status"] == "down"
    assert os.stat(path).st_ino != inode
    assert os.listdir(folder) == ["report.json"]


def test_output_that_cannot_be_written_keeps_the_old_file(pgcensus, fine):
    run = pgcensus("check", "--json", "-o", "/nowhere/report.json", config=fine)
    assert run.code == 3
    assert "/nowhere/report.json" in run.errors
    path = pgcensus.path("report.json", "old")
    run = pgcensus("check", "-o", path, config=fine, limits={"fsize": 64})
    assert run.code == 3
    assert open(path).read() == "old"
    assert not [f for f in os.listdir(pgcensus.home) if "report.json." in f]


def test_output_file_keeps_whose_it_is(pgcensus, fine):
    """root:postgres 0640 of a textfile stays so, or its reader loses access."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    path = pgcensus.path("out.prom", "old")
    os.chown(path, 65534, 65533)
    os.chmod(path, 0o2640)
    assert pgcensus("check", "-o", path, config=fine).code == 0
    there = os.stat(path)
    assert (there.st_uid, there.st_gid) == (65534, 65533)
    assert there.st_mode & 0o7777 == 0o2640
    assert open(path).read() != "old"


@pytest.mark.parametrize(
    "signals", [("SIGKILL",), ("SIGINT", "SIGTERM"), ("SIGTERM",), ("SIGABRT",)], ids="-".join
)
def test_nothing_is_left_beside_the_file(pgcensus, stage, tmp_path, signals):
    silent = stage.fake(fake.silent)
    path = tmp_path / "out.prom"
    path.write_text("old")
    argv = "check", "--format", "prometheus", "-T", "20s", "-o", str(path)
    running = pgcensus.start(*argv, config=[silent.node("a")])
    assert silent.wait("mute")
    assert os.listdir(tmp_path) == ["out.prom"], "nothing has a name while it is written"
    for name in signals:
        running.signal(getattr(signal, name))
    running.end(10)
    assert os.listdir(tmp_path) == ["out.prom"]


def test_an_access_list_is_kept(pgcensus, fine):
    """Beside a list the mode's bits of the group are a mask: kept alone, they let in who
    was kept out."""
    name, undefined = "system.posix_acl_access", 0xFFFFFFFF
    entries = [(1, 6, undefined), (2, 6, 65532), (4, 0, undefined), (16, 6, undefined)]
    entries.append((32, 0, undefined))
    acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    path = pgcensus.path("out.csv", "old")
    os.chmod(path, 0o600)
    try:
        os.setxattr(path, name, acl)
    except OSError:
        pytest.skip("no access control lists here")
    assert pgcensus("check", "--csv", "-o", path, config=fine).code == 0
    assert open(path).read() != "old"
    assert os.getxattr(path, name) == acl


def nameless(directory):
    return tempfile.TemporaryFile("w+", dir=directory)


def removed(directory):
    file = named(directory)
    os.unlink(file.name)
    return file


def named(directory):
    return open(directory / "log", "w+")


def test_a_descriptor_is_written_to(pgcensus, fine, tmp_path):
    """-o /dev/fd/0: a file without a name, one whose name is gone, one that others write
    to, too; nothing appears that is called "... (deleted)"."""
    for make in nameless, removed, named:
        with make(tmp_path) as file:
            file.write("before\n")
            file.flush()
            argv = "check", "--csv", "-o", "/dev/fd/0"
            run = pgcensus(*argv, config=fine, stdin=file)
            assert run.code == 0
            file.write("behind\n")
            file.seek(0)
            lines = file.read().splitlines()
        assert (lines[0], lines[-1]) == ("before", "behind") and len(lines) == 4
        assert not [name for name in os.listdir(tmp_path) if "deleted" in name]


def test_a_dangling_link_gets_its_file(pgcensus, fine, tmp_path):
    os.symlink("there", tmp_path / "link")
    run = pgcensus("check", "--json", "-o", str(tmp_path / "link"), config=fine)
    assert run.code == 0 and os.path.islink(tmp_path / "link")
    assert json.loads((tmp_path / "there").read_text())["status"] == "ok"


def test_a_strangers_link_in_tmp_is_no_way_out(pgcensus, fine, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can give a link away")
    for mode, target in (0o1777, "there"), (0o1777, "nowhere"), (0o755, "there"):
        directory = tmp_path / f"{mode:o}-{target}"
        directory.mkdir()
        directory.chmod(mode)
        (tmp_path / "there").write_text("old")
        os.symlink(f"../{target}", directory / "link")
        os.lchown(directory / "link", 65534, 65534)
        run = pgcensus("check", "--json", "-o", str(directory / "link"), config=fine, expect=[])
        assert run.code == (3 if mode & 0o1000 else 0)
        assert ("Permission denied" in run.errors) == (run.code == 3)
        assert ((tmp_path / "there").read_text() == "old") == (run.code == 3)
        assert not (tmp_path / "nowhere").exists()


def test_our_own_stdout_may_be_a_socket(pgcensus, fine):
    ours, theirs = socket.socketpair()
    argv = "check", "--json", "-o", "/dev/stdout"
    run = pgcensus(*argv, config=fine, stdout=theirs.fileno(), expect=[])
    theirs.close()
    assert (run.code, run.errors) == (0, "")
    assert json.loads(ours.makefile().read())["status"] == "ok"
    ours.close()


# ---- a terminal ----


def plain(shown):
    """Without colours and line erasing."""
    return re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]|\r", b"", shown).decode()


@pytest.mark.parametrize("columns", [48, 80, 120])
def test_tables_fit_the_terminal(pgcensus, two, columns):
    run = pgcensus.on_terminal("check", config=two, screen=True, columns=columns)
    lines = plain(run.out).splitlines()
    assert max(map(len, lines)) <= columns, lines
    assert "✓" in plain(run.out) and "connection refused" in plain(run.out)


def test_width_option_is_the_terminals_width(pgcensus, two):
    run = pgcensus("check", "--width", "48", config=two)
    assert max(map(len, run.lines)) <= 48


def test_many_nodes_show_problems_only_and_say_so(pgcensus, stage, two):
    polite = stage.fake(fake.polite)
    nodes = [polite.node(f"n{i:03}") for i in range(100)] + two[1:]
    run = pgcensus.on_terminal("check", config=nodes, screen=True, rows=24)
    text = plain(run.out)
    assert "pg-c" in text and "n[000-099]" in text
    assert "--all" in text
    assert len(text.splitlines()) < 24
    everything = pgcensus("check", config=nodes)
    assert len(everything.lines) > 100


def test_colour_follows_the_terminal_and_the_conventions(pgcensus, two):
    def coloured(*argv, **env):
        run = pgcensus.on_terminal(
            "check", *argv, config=two, screen=True, env={"TERM": "xterm", **env}
        )
        return b"\x1b[" in run.out

    assert coloured()
    assert not coloured(NO_COLOR="1")
    assert not coloured(TERM="dumb")
    assert not coloured("--color", "never")
    assert coloured("--color", "always", NO_COLOR="1")


def test_ok_has_no_colour(pgcensus, fine):
    run = pgcensus.on_terminal("check", config=fine, screen=True, env={"TERM": "xterm"})
    assert b"\x1b[3" not in run.out


def test_a_c_locale_gets_ascii_on_a_terminal(pgcensus, two):
    env = {"LC_ALL": "C", "TERM": "xterm"}
    run = pgcensus.on_terminal("check", config=two, screen=True, env=env)
    assert plain(run.out).isascii()


def test_progress_is_shown_after_a_second_and_erased(pgcensus):
    hole = Hole()
    run = pgcensus.on_terminal("check", "-T", "2s", config=[hole.node("a")])
    hole.close()
    assert b"1" in run.err  # of 1 node
    last = run.err.rsplit(b"\r", 1)[-1]
    assert b"\x1b[K" in run.err or last.strip() == b"", run.err


def test_no_progress_without_a_terminal(pgcensus):
    hole = Hole()
    run = pgcensus("check", "--json", "-T", "1500ms", config=[hole.node("a")])
    hole.close()
    assert len(run.errors.splitlines()) <= 1


def test_no_progress_in_a_short_run(pgcensus, fine):
    run = pgcensus.on_terminal("check", "--json", config=fine)
    assert run.err == b""


def test_output_into_a_socket(pgcensus, fine):
    """As inetd and ssh do it."""
    ours, theirs = socket.socketpair()
    run = pgcensus("check", "--json", config=fine, stdout=theirs.fileno())
    theirs.close()
    assert run.code == 0
    assert json.loads(ours.makefile().read())["status"] == "ok"
    ours.close()

"""Runs pgcensus, in the foreground, in the background, or on a terminal.

    run = pgcensus("check", "--json", config=[node, node])
    assert run.code == 2 and run.node("pg-c")["error"]["class"] == "refused"

Whatever a test is about, every run is judged by what is always true: judge.py."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import tempfile
import termios
import threading
import time

from judge import SANITIZER, SANITIZER_EXIT, assert_no_secret, judge, parse_json


class Run:
    """What a finished run left behind."""

    def __init__(self, argv, code, out, err, seconds, rss_kb):
        self.argv, self.code, self.out, self.err = argv, code, out, err
        self.seconds, self.rss_kb = seconds, rss_kb

    @property
    def text(self):
        return self.out.decode()

    @property
    def errors(self):
        return self.err.decode()

    @property
    def lines(self):
        return self.text.splitlines()

    @property
    def doc(self):
        return parse_json(self.text)

    @property
    def nodes(self):
        return {node["node"]: node for node in self.doc["nodes"]}

    def node(self, name):
        return self.nodes[name]

    def error(self, name):
        return self.nodes[name]["error"]

    def __repr__(self):
        words = " ".join(self.argv)
        tail = self.err[-2000:].decode(errors="replace")
        head = self.out[:2000].decode(errors="replace")
        return f"<{words}: exit {self.code} after {self.seconds:.2f} s\n{head}\n{tail}>"


class Running:
    """A run that has not ended yet."""

    def __init__(self, argv, prefix, env, cwd, stdin, stdout, stderr, own_group):
        self.argv = argv
        self.out = stdout or tempfile.TemporaryFile()
        self.err = stderr or tempfile.TemporaryFile()
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            prefix + argv,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=self.out,
            stderr=self.err,
            process_group=0 if own_group else None,
        )

    @property
    def pid(self):
        return self.process.pid

    def signal(self, number):
        os.kill(self.pid, number)

    def end(self, within):
        """Waits for the end; a run that outlives `within` seconds is a failure."""
        ended = self._watch(time.monotonic() + within)
        if not ended:
            self.signal(signal.SIGKILL)
        code = self.process.wait()
        seconds = time.monotonic() - self.started
        out, err = _content(self.out), _content(self.err)
        run = Run(self.argv, code, out, err, seconds, self.rss_kb)
        assert ended, f"did not end within {within} s: {run}"
        return run

    rss_kb = 0

    def _watch(self, end):
        """Until it ends, keeping an eye on its peak of memory: what wait4() says of
        that begins with the peak of whoever forked, which is us."""
        pidfd = os.pidfd_open(self.pid)
        try:
            while time.monotonic() < end:
                if select.select([pidfd], [], [], 0.01)[0]:
                    return True
                with open(f"/proc/{self.pid}/status") as file:
                    if peak := re.search(r"VmHWM:\s+(\d+) kB", file.read()):
                        self.rss_kb = int(peak[1])
            return False
        finally:
            os.close(pidfd)


def _content(file):
    if isinstance(file, int) or not file.readable():
        return b""
    file.seek(0)
    return file.read()


class Census:
    """The program under test; call it."""

    def __init__(self, exe, home):
        self.exe, self.home = exe, home
        with open(exe, "rb") as file:
            self.sanitized = b"__asan_init" in file.read()
        self.serial = 0

    def path(self, name, words="", mode=0o600):
        """A file of the test's own."""
        self.serial += 1
        path = os.path.join(self.home, f"{self.serial}-{name}")
        with open(path, "w") as file:
            os.fchmod(file.fileno(), mode)
            file.write(words)
        return path

    def config(self, nodes, **sections):
        return self.path("nodes.yaml", yaml(nodes, **sections))

    def environment(self, **changes):
        base = {
            "HOME": self.home,
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "ASAN_OPTIONS": f"exitcode={SANITIZER_EXIT}:quarantine_size_mb=16",
            "UBSAN_OPTIONS": f"halt_on_error=1:exitcode={SANITIZER_EXIT}",
        }
        merged = {**base, **changes}
        return {k: v for k, v in merged.items() if v is not None}

    def start(
        self, *argv, config=None, env=None, limits=None, prefix=(), cwd=None,
        stdin=None, stdout=None, stderr=None, own_group=True,
    ):  # fmt: skip
        """limits: of prlimit(1), such as {"nofile": 64}.  own_group: as a shell starts a
        job; the kernel would not stop (TSTP) one that nobody could continue."""
        argv = [self.exe, *argv]
        if config is not None:
            path = config if isinstance(config, str) else self.config(config)
            argv += ["--config", path]
        prefix = list(prefix)
        if limits:
            prefix += ["prlimit", *(f"--{k}={v}" for k, v in limits.items()), "--"]
        where, env = cwd or self.home, self.environment(**(env or {}))
        return Running(argv, prefix, env, where, stdin, stdout, stderr, own_group)

    def __call__(self, *argv, within=30, expect=None, config=None, **kinds):
        """expect: the names that must be reported, in order; by default all of a
        config that was given as a list, unless a selection was made."""
        run = self.start(*argv, config=config, **kinds).end(within)
        selects = any(word.split("=")[0] in SELECTORS for word in argv)
        if expect is None and isinstance(config, list) and not selects:
            expect = [node["name"] for node in config]
        judge(run, expect)
        return run


    def on_terminal(
        self, *argv, config=None, screen=False, columns=80, rows=24, within=30,
        expect=None, meanwhile=None, **kinds,
    ):  # fmt: skip
        """With a terminal of its own on stdin, stderr and /dev/tty; with `screen` on
        stdout too, then `out` is what the terminal got.  meanwhile(running): called
        while it runs."""
        terminal = Terminal(columns, rows)
        kinds["env"] = {"TERM": "xterm", **(kinds.get("env") or {})}
        if screen:
            kinds["stdout"] = terminal.slave
        running = self.start(
            *argv,
            config=config,
            stdin=terminal.slave,
            stderr=terminal.slave,
            prefix=["setsid", "--ctty"],
            own_group=False,  # setsid would have to leave it
            **kinds,
        )
        terminal.attach()
        if meanwhile:
            meanwhile(running, terminal)
        run = running.end(within)
        shown = terminal.close()
        if screen:
            run.out = shown
        else:
            run.err = shown
        assert not SANITIZER.search(shown), run
        assert_no_secret(run.out + run.err, run)
        return run


class Terminal:
    """A pseudo terminal whose screen is read all the time."""

    def __init__(self, columns, rows):
        self.master, self.slave = pty.openpty()
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, size)
        self.shown = b""
        self.reader = threading.Thread(target=self._read)

    def attach(self):
        """The program has its end now; ours of it must go so that the end is seen."""
        os.close(self.slave)
        self.reader.start()

    def _read(self):
        while True:
            try:
                piece = os.read(self.master, 65536)
            except OSError:  # EIO: nobody has the other end any more
                return
            if not piece:
                return
            self.shown += piece

    def type(self, keys):
        os.write(self.master, keys)

    def close(self):
        self.reader.join(10)
        os.close(self.master)
        return self.shown.replace(b"\r\n", b"\n")


SELECTORS = set("-n --node -g --group -l --label --role --url".split())


def yaml(nodes, **sections):
    """A configuration.  JSON values are YAML, so a line per node is all it takes."""
    lines = [f"{key}: {json.dumps(value)}" for key, value in sections.items()]
    lines.append("nodes:")
    for node in nodes:
        keys = ", ".join(f"{key}: {_scalar(value)}" for key, value in node.items())
        lines.append(f"  - {{{keys}}}")
    return "\n".join(lines) + "\n"


def _scalar(value):
    return json.dumps(value, ensure_ascii=False)

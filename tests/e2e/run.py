"""Runs pgcensus and judges what no run may do.

    run = pgcensus("check", "--json", config=[node, node])
    assert run.code == 2 and run.node("pg-c")["error"]["class"] == "refused"

Whatever a test is about, every run is held to the promises that are always true: it
ends in time, no sanitizer complains, no secret and no byte that a terminal would obey
comes out, the document is valid, adds up, and names every selected node exactly once.
"""

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
import unicodedata

# Every password that any test uses.  One of them in any output fails that test.
CANARY = "c4nary-Passw0rd"
CANARIES = [CANARY, "c4n/ry p@ss:w%rd", "c4nary'quote\\slash", "c4nary-from-a-file"]

MACHINE_FORMATS = "--json", "--ndjson", "--csv", "json", "ndjson", "csv"
SANITIZER = re.compile(rb"(Address|Leak|Thread)Sanitizer|runtime error:")
SANITIZER_EXIT = 97

CHECK_KEYS = set(
    "schema pgcensus_version started_at elapsed_ms config status exit_code summary"
    " nodes".split()
)
SUMMARY_KEYS = set("nodes ok warn down unknown disabled".split())
NODE_KEYS = set(
    "node group labels host hostaddr port dbname user status role read_only"
    " server_version server_version_num transport latency_ms attempts error"
    " reasons".split()
)
LATENCY_KEYS = set("resolve tcp tls auth query total".split())
TRANSPORT_KEYS = set("kind tls cipher verified".split())
ERROR_KEYS = set("class phase sqlstate retryable message".split())
REASON_KEYS = set("code message value limit".split())
CLASSES = set(
    "dns refused unreachable timeout tls auth config not_ready saturated lost protocol"
    " query limit cancelled local internal".split()
)
PHASES = set("resolve connect tls auth query stream".split())
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


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

    def __init__(self, argv, prefix, env, cwd, stdin, stdout, stderr):
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
        stdin=None, stdout=None, stderr=None,
    ):  # fmt: skip
        """limits: of prlimit(1), such as {"nofile": 64}."""
        argv = [self.exe, *argv]
        if config is not None:
            path = config if isinstance(config, str) else self.config(config)
            argv += ["--config", path]
        prefix = list(prefix)
        if limits:
            prefix += ["prlimit", *(f"--{k}={v}" for k, v in limits.items()), "--"]
        where = cwd or self.home
        return Running(
            argv, prefix, self.environment(**(env or {})), where, stdin, stdout, stderr
        )

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


def parse_json(words):
    """Strictly: no duplicate keys, no NaN."""

    def unique(pairs):
        assert len(dict(pairs)) == len(pairs), f"duplicate key in {pairs}"
        return dict(pairs)

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(words, object_pairs_hook=unique, parse_constant=refuse)


# ---- what is always true ----


def judge(run, expect=None):
    assert not SANITIZER.search(run.err), run
    assert run.code != SANITIZER_EXIT and run.code >= 0, run
    assert_no_secret(run.out + run.err, run)
    assert_harmless(run.err, run)
    machine = any(word in MACHINE_FORMATS for word in run.argv)
    if not machine:
        assert_harmless(run.out, run)
    run.out.decode()  # every format is UTF-8
    if "--json" in run.argv and run.out:
        judge_document(run, expect)


def assert_no_secret(output, run):
    for secret in CANARIES:
        assert secret.encode() not in output, f"{secret} leaked: {run}"


BIDI_AND_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def assert_harmless(output, run):
    """No byte that a terminal would obey, no character that fools a reader."""
    words = output.decode()
    controls = {c for c in words if unicodedata.category(c) == "Cc"} - {"\n"}
    assert not controls, f"{controls} in {run}"
    assert not BIDI_AND_INVISIBLE.search(words), run


def judge_document(run, expect):
    doc = run.doc
    if doc["schema"] == "pgcensus.error/1":
        assert doc.keys() == {"schema", "error"}, run
        assert doc["error"].keys() == {"class", "message"}, run
        interrupted = doc["error"]["class"] == "interrupted"
        assert run.code > 128 if interrupted else run.code == 3, run
    if doc["schema"] == "pgcensus.check/1":
        judge_check(run, doc, expect)


def judge_check(run, doc, expect):
    assert doc.keys() == CHECK_KEYS, run
    assert doc["exit_code"] == run.code, run
    assert RFC3339.fullmatch(doc["started_at"]), run
    summary, statuses = doc["summary"], [node["status"] for node in doc["nodes"]]
    assert summary.keys() == SUMMARY_KEYS, run
    for status in SUMMARY_KEYS - {"nodes"}:
        assert summary[status] == statuses.count(status), run
    assert summary["nodes"] == len(statuses), run
    assert sum(summary[status] for status in SUMMARY_KEYS - {"nodes"}) == len(statuses)
    worst = next((s for s in ("down", "warn", "unknown") if s in statuses), "ok")
    assert doc["status"] in (worst, "disabled"), run
    for node in doc["nodes"]:
        judge_node(node)
    if expect is not None:
        assert [node["node"] for node in doc["nodes"]] == expect, run


def judge_node(node):
    assert node.keys() == NODE_KEYS, node
    assert node["status"] in SUMMARY_KEYS, node
    if node["latency_ms"] is not None:
        judge_latency(node["latency_ms"], node)
    if node["transport"] is not None:
        assert node["transport"].keys() == TRANSPORT_KEYS, node
        assert node["transport"]["verified"] in ("full", "ca", "none", None), node
    error = node["error"]
    assert (error is None) == (node["status"] in ("ok", "warn", "disabled")), node
    if error:
        assert error.keys() == ERROR_KEYS, node
        assert error["class"] in CLASSES and error["class"] != "internal", node
        assert error["phase"] in PHASES | {None}, node
        assert error["message"], node
        ours = error["class"] in ("cancelled", "local")
        assert node["status"] == ("unknown" if ours else "down"), node
        assert node["reasons"], node
    for reason in node["reasons"]:
        assert reason.keys() == REASON_KEYS, node


def judge_latency(latency, node):
    """A gap is null, never zero; parts do not exceed the whole."""
    assert latency.keys() == LATENCY_KEYS, node
    parts = [v for k, v in latency.items() if k != "total" and v is not None]
    assert all(part >= 0 for part in parts), node
    assert latency["total"] is not None, node
    assert sum(parts) <= latency["total"] + 1, node
    if node["status"] == "ok":
        assert latency["query"] > 0 and latency["auth"] > 0, node


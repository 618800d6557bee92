"""The library's fleet, driven command by command: a pipe to fleet_driver.

    with Fleet(driver, config) as fleet:
        fleet.do("monitor")
        fleet.until(2, "node.health", "a", "unhealthy")

The driver's protocol is at the top of fleet_driver.c."""

import subprocess


class Line(dict):
    """word, then key=value …, as the driver prints them."""

    def __init__(self, line):
        self.word, *pairs = line.rstrip("\n").split("\t")
        super().__init__(pair.split("=", 1) for pair in pairs)


class Fleet:
    def __init__(self, driver, config, env):
        self.process = subprocess.Popen(
            [driver, config],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """It must leave in order: the sanitizers report on the way out."""
        _, errors = self.process.communicate("quit\n", timeout=20)
        assert self.process.returncode == 0, errors

    def do(self, *words):
        """All lines that came of a command; the last one says how it ended."""
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        lines = []
        while not lines or lines[-1].word not in ("done", "timeout", "error"):
            line = self.process.stdout.readline()
            assert line, f"the driver is gone: {self.process.stderr.read()}"
            lines.append(Line(line))
        return lines

    def turn(self, seconds):
        """The events meanwhile."""
        return self.do("turn", seconds * 1000)[:-1]

    def until(self, seconds, event, node, *state):
        """The events up to and with the one that was waited for."""
        *events, end = self.do("until", seconds * 1000, event, node, *state)
        assert end.word == "done", f"no {event} of {node} in {events}"
        return events

    def ask(self, node, statement, seconds=5):
        answer, end = self.do("ask", seconds * 1000, node, statement)
        assert end.word == "done"
        return answer

    def snapshot(self, node):
        return self.do("snapshot", node)[0]

    def stop(self, seconds=5):
        """How long it took, in seconds."""
        return float(self.do("stop", seconds * 1000)[-1]["ms"]) / 1000

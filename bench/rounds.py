"""Commands measured side by side: round-robin, medians, ratios to the first row."""

import os
import re
import resource
import statistics
import subprocess
from dataclasses import dataclass, field


@dataclass
class Row:
    """One command.  `count` finds in its output how many nodes answered, or how many
    rows they sent; a row that does not count to `want` is shown as wrong and never
    measured."""

    label: str
    argv: list
    count: object = None
    want: int = 0
    status: int = 0
    env: dict = field(default_factory=dict)
    counted: str = "nodes answered"
    trouble: str = ""
    wall: list = field(default_factory=list)  # ms
    cpu: list = field(default_factory=list)  # ms
    rss: list = field(default_factory=list)  # MB

    def median(self, what):
        return statistics.median(getattr(self, what))

    def environment(self):
        """Ours, without what would redirect or change a PostgreSQL client."""
        ours = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        return {**ours, **self.env}

    def output(self, limit):
        """Runs it once for its answer."""
        done = subprocess.run(
            self.argv, env=self.environment(), text=True, timeout=limit,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        if done.returncode != self.status:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise RuntimeError(f"exit {done.returncode}: {last[:100]}")
        return done.stdout

    def prove(self, limit):
        """Warms up, and finds out whether it does what the others do."""
        try:
            answer = self.output(limit)
            found = self.count(answer) if self.count else self.want
            if found != self.want:
                self.trouble = f"{found} of {self.want} {self.counted}"
        except subprocess.TimeoutExpired:
            self.trouble = f"no end after {limit} s"
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            self.trouble = str(error)

    def measure(self, program, limit):
        line = subprocess.run(
            [program, str(limit), *self.argv], env=self.environment(), text=True,
            check=True, stdout=subprocess.PIPE,
        ).stdout
        wall, cpu, rss, status = map(int, line.split())
        if status != self.status:
            self.trouble = f"exit {status} when measured"
            return
        self.wall.append(wall / 1e3)
        self.cpu.append(cpu / 1e3)
        self.rss.append(rss / 1024)


def measure_all(rows, program, runs, limit=60):
    for row in rows:
        row.prove(limit)
    for _ in range(runs):
        for row in rows:
            if not row.trouble:
                row.measure(program, limit)


@dataclass
class Steady:
    """A command that makes many checks and says what each cost, or of which `checks` are
    known."""

    label: str
    argv: list
    checks: int = 0
    env: dict = field(default_factory=dict)
    trouble: str = ""
    each: list = field(default_factory=list)  # us of CPU

    def median(self):
        return statistics.median(self.each)

    def measure(self):
        ours = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(self.argv, env={**ours, **self.env}, text=True, timeout=120,
                              capture_output=True, stdin=subprocess.DEVNULL)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            self.trouble = (done.stderr or done.stdout).strip()[-100:] or "failed"
            return
        said = re.search(r"([\d.]+) us of CPU each", done.stdout)
        cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
        self.each.append(float(said[1]) if said else cpu * 1e6 / self.checks)


def print_steady(rows):
    print(f"  {'':28} {'us a check':>11} {'(min … max)':>15} {'':>8}")
    base = rows[0]
    for row in rows:
        if row.trouble:
            print(f"  {row.label:28} wrong: {row.trouble}")
            continue
        spread = f"({min(row.each):.1f} … {max(row.each):.1f})"
        times = "-" if base.trouble else f"{row.median() / base.median():.2f}x"
        print(f"  {row.label:28} {row.median():11.1f} {spread:>15} {times:>8}")


HEAD = (f"  {'':28} {'wall ms':>9} {'(min … max)':>19} {'cpu ms':>9} {'rss MB':>7}"
        f" {'wall':>8} {'cpu':>8} {'rss':>8}")


def print_table(rows):
    print(HEAD)
    base = rows[0]
    for row in rows:
        if row.trouble:
            print(f"  {row.label:28} wrong: {row.trouble}")
            continue
        spread = f"({min(row.wall):.1f} … {max(row.wall):.1f})"
        print(f"  {row.label:28} {row.median('wall'):9.1f} {spread:>19}"
              f" {row.median('cpu'):9.1f} {row.median('rss'):7.1f}"
              + "".join(ratio(row, base, what) for what in ("wall", "cpu", "rss")))


def ratio(row, base, what):
    if base.trouble:
        return f" {'-':>8}"
    return f" {row.median(what) / base.median(what):7.2f}x"


# ---- goals ----

def at_most(text, value, bound, unit="x"):
    print_goal(text, value, "<=", bound, unit, value <= bound)


def at_least(text, value, bound, unit="x"):
    print_goal(text, value, ">=", bound, unit, value >= bound)


def print_goal(text, value, sign, bound, unit, met):
    verdict = "met" if met else "NOT MET"
    print(f"  goal: {text:44} {value:8.2f}{unit}  ({sign} {bound:g}{unit})  {verdict}")


def usable(*rows):
    """Goals are judged only where everything that they compare was measured."""
    return all(row is not None and not row.trouble for row in rows)

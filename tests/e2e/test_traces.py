"""What a run leaves in the log of a server that is well.

Connections, and that a statement was cancelled when we gave it up: no lost client, no
reset, no error that nobody made.  Every line of the log is compared with a list of
those that are allowed."""

import re
import shutil
import signal
import subprocess

import fake
import pytest
from bouncer import Bouncer
from place import PATH, until

OURS = re.compile(
    r"\S+ LOG:  connection (received|authenticated|authorized): .*"
    r"|\S+ LOG:  disconnection: session time: .*"
)
CANCELLED = "ERROR:  canceling statement due to user request"
ACTIVE = (
    "select query from pg_stat_activity where usename = 'trusty' and state = 'active'"
)
SLEEP = "select pg_sleep(30)"
ENDLESS = (
    "with recursive r as (select 1 as g union all select g + 1 from r)"
    " select g, repeat('x', 500) as t from r"
)


@pytest.fixture(scope="module")
def watched(clusters, certs):
    settings = {"log_connections": "on", "log_disconnections": "on", "jit": "off"}
    return clusters.new(
        "watched", certificate=certs["good"], ca=certs["ca.crt"], **settings
    )


@pytest.fixture(scope="module")
def encrypts_cancels(pgcensus):
    """libpq before 17 would send the key of a cancel in the clear."""
    version = re.search(r"libpq (\d+)", pgcensus("--version").text)
    return int(version[1]) >= 17


class Trace:
    """What is added to the log of a server."""

    def __init__(self, cluster):
        self.cluster, self.begin = cluster, len(cluster.log())

    def lines(self, kept=False):
        """Those that are not of a connection, once all of ours have ended; kept: they
        are a pooler's, and go on."""
        ours = "select count(*) from pg_stat_activity where usename = 'trusty'"
        until(lambda: kept or self.cluster.sql(ours) == "0")
        added = self.cluster.log()[self.begin :].splitlines()
        others = re.compile(r"(postgres)?@\S* ")
        lines = [line for line in added if not others.match(line)]
        return [line for line in lines if not OURS.fullmatch(line)]

    def is_one_cancel(self, statement):
        """And what belongs to it."""
        assert self.lines() == [
            f"trusty@postgres {CANCELLED}",
            f"trusty@postgres STATEMENT:  {statement}",
        ]


@pytest.fixture
def trace(watched):
    return Trace(watched)


@pytest.mark.parametrize("sslmode", ["disable", "require"])
@pytest.mark.parametrize(
    "argv",
    [
        ["check", "--json"],
        ["query", "--json", "select 1"],
        ["query", "--csv", "--healthy", "select * from generate_series(1, 50000)"],
        ["query", "--json", "--max-rows", "10", "select * from generate_series(1, 10)"],
    ],
)
def test_what_goes_well_leaves_connections_only(pgcensus, watched, trace, sslmode, argv):
    run = pgcensus(*argv, config=[watched.node("a", sslmode=sslmode)])
    assert run.code == 0 and trace.lines() == []


@pytest.mark.parametrize(
    ("argv", "statement"),
    [
        (["query", "--json", "-T", "700ms"], SLEEP),
        (["query", "--csv", "-T", "700ms"], SLEEP),
        (["query", "--json", "--deadline", "700ms"], SLEEP),
        (["query", "--json", "--max-rows", "1000"], ENDLESS),
        (["query", "--csv", "--max-rows", "1000"], ENDLESS),
        (["query", "--csv", "--max-bytes", "1MB"], ENDLESS),
        (["query", "--csv", "-T", "700ms"], ENDLESS),
    ],
)
def test_what_is_given_up_is_cancelled_before_it_is_closed(
    pgcensus, watched, trace, argv, statement
):
    run = pgcensus(*argv, statement, config=[watched.node("a", sslmode="disable")])
    assert run.code in (1, 2)
    trace.is_one_cancel(statement)


def test_so_it_is_under_tls(pgcensus, watched, trace, encrypts_cancels):
    if not encrypts_cancels:
        pytest.skip("libpq before 17 has no cancel that is encrypted")
    node = watched.node("a", sslmode="require")
    run = pgcensus("query", "--json", "-T", "700ms", SLEEP, config=[node])
    assert run.code == 2
    trace.is_one_cancel(SLEEP)


def test_no_key_goes_in_the_clear(pgcensus, watched, trace, encrypts_cancels):
    """A connection of its own is seen in the log even if it says nothing else."""
    if encrypts_cancels:
        pytest.skip("from libpq 17 on a cancel is encrypted")
    node = watched.node("a", sslmode="require")
    run = pgcensus("query", "--json", "-T", "700ms", SLEEP, config=[node])
    assert run.code == 2
    trace.lines()
    received = watched.log()[trace.begin :].count("connection received: host=127.0.0.1")
    assert received == 1


@pytest.mark.parametrize("form", ["--json", "--csv"])
@pytest.mark.parametrize("statement", [SLEEP, ENDLESS + " where g < 0"])
def test_an_interrupt_cancels(pgcensus, watched, trace, form, statement):
    node = watched.node("a", sslmode="disable")
    running = pgcensus.start("query", form, statement, config=[node])
    active = (
        "select count(*) from pg_stat_activity"
        " where usename = 'trusty' and state = 'active' and query not like 'BEGIN%'"
    )
    until(lambda: watched.sql(active) == "1")
    running.signal(signal.SIGINT)
    assert running.end(within=5).code == 130
    trace.is_one_cancel(statement)


def test_a_reader_that_left_cancels(pgcensus, watched, trace):
    config = pgcensus.config([watched.node("a", sslmode="disable")])
    done = subprocess.run(
        f'{pgcensus.exe} query --csv -C {config} "{ENDLESS}" | head -3',
        shell=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=pgcensus.environment(),
        timeout=20,
    )
    assert len(done.stdout.splitlines()) == 3
    trace.is_one_cancel(ENDLESS)


# ---- behind a pooler ----


class Pooled:
    """A pooler with one connection to the server, which it is to keep."""

    def __init__(self, bouncer, cluster):
        self.bouncer, self.cluster = bouncer, cluster
        self.node = bouncer.node("a", via="pooler", sslmode="disable")

    def backends(self):
        rows = self.cluster.sql(
            "select pid, state from pg_stat_activity where usename = 'trusty'"
        )
        return rows.splitlines()

    def is_kept(self, trace, backends, statement):
        until(lambda: self.backends() == backends, 10)
        assert trace.lines(kept=True) == [
            f"trusty@postgres {CANCELLED}",
            f"trusty@postgres STATEMENT:  {statement}",
        ]
        assert self.backends() == backends
        assert "closing because: client disconnect" not in self.bouncer.log()
        locks = "select count(*) from pg_locks where locktype = 'advisory'"
        assert self.cluster.sql(locks) == "0"


@pytest.fixture(scope="module", params=["transaction", "session"])
def pooled(request, place, watched):
    if not shutil.which("pgbouncer", path=PATH):
        pytest.skip("pgbouncer is not installed")
    mode = request.param
    bouncer = Bouncer(place, f"watching-{mode}", watched, pool_mode=mode)
    yield Pooled(bouncer, watched)
    bouncer.close()


@pytest.fixture
def backends(pgcensus, pooled):
    """What the pooler has open once it was asked something."""
    assert pgcensus("query", "select 1", config=[pooled.node]).code == 0
    until(lambda: [line[-5:] for line in pooled.backends()] == ["|idle"])
    return pooled.backends()


LOCKED = "select pg_advisory_lock(4711), pg_sleep(30)"
WIDE = "select repeat('x', 20000000) from generate_series(1, 5)"


@pytest.mark.parametrize(
    ("argv", "statement"),
    [
        (["query", "--json", "-T", "700ms"], SLEEP),
        (["query", "--json", "-T", "700ms"], LOCKED),
        (["query", "--csv", "-T", "700ms"], ENDLESS),
        (["query", "--json", "--max-rows", "1000"], ENDLESS),
        (["query", "--csv", "--max-rows", "1000"], ENDLESS),
        (["query", "--csv", "--max-bytes", "1MB"], WIDE),
        (["check", "--json", "--set", "check.query=" + SLEEP, "-T", "700ms"], SLEEP),
    ],
)
def test_a_pooler_keeps_its_connection(
    pgcensus, pooled, backends, trace, argv, statement
):
    own = [] if argv[0] == "check" else [statement]
    run = pgcensus(*argv, *own, config=[pooled.node])
    assert run.code in (1, 2)
    pooled.is_kept(trace, backends, statement)


def test_a_pooler_keeps_its_connection_after_an_interrupt(
    pgcensus, pooled, backends, trace
):
    running = pgcensus.start("query", "--csv", LOCKED, config=[pooled.node])
    until(lambda: "pg_advisory_lock" in pooled.cluster.sql(ACTIVE))
    running.signal(signal.SIGINT)
    assert running.end(within=5).code == 130
    pooled.is_kept(trace, backends, LOCKED)

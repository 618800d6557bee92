"""Servers that lie, stall, flood or are no PostgreSQL at all: faults 2 to 7, 10 and the
part of 17 and 18 that a check can meet.

All of them are nodes of one configuration, judged in one run, with healthy neighbours:
so every test here also proves that a fault stays with its node.
"""

import re

import fake
import pytest
from judge import CANARY
from stage import Hole, Refuser

pytestmark = pytest.mark.alone

TIMEOUT = 1.5  # of a node, in that run

DISABLE, REQUIRE = {"sslmode": "disable"}, {"sslmode": "require"}
ANY = None


class Fault:
    """What is behind the port and what must be said about it."""

    def __init__(
        self, name, row, script, classes, phases, *, says="", seen=None, **keys
    ):
        self.name, self.row, self.script, self.keys = name, row, script, keys
        self.classes, self.phases = _tuple(classes), _tuple(phases)
        self.says, self.seen = says, seen or {}

    def __repr__(self):
        return f"row{self.row}-{self.name}"


def _tuple(words):
    return words.split() if isinstance(words, str) else words


def scram(**facts):
    async def script(peer):
        await fake.scram(peer, **facts)

    return script


FAULTS = [
    Fault("silent", 4, fake.silent, "timeout", "auth", **DISABLE),
    Fault("silent-before-tls", 4, fake.silent, "timeout", "auth tls"),
    Fault("closes", 4, fake.closes, "lost", "auth", **DISABLE),
    Fault("resets", 4, fake.resets, "lost", "auth", **DISABLE),
    Fault("silent-after-startup", 4, fake.mute_after_startup, "timeout", "auth"),
    Fault("closes-after-startup", 4, fake.closes_after_startup, "lost", "auth"),
    Fault("resets-after-startup", 4, fake.resets_after_startup, "lost", "auth"),
    Fault("http", 5, fake.http, "protocol", "auth", **DISABLE),
    Fault("http-asked-for-tls", 5, fake.http, "protocol tls", "tls auth"),
    Fault("ssh", 5, fake.ssh, "protocol", "auth", **DISABLE),
    Fault("ssh-asked-for-tls", 5, fake.ssh, "protocol tls timeout", "tls auth"),
    Fault("random-bytes", 5, fake.noise, "protocol", "auth"),
    Fault("error-then-binary", 5, fake.binary_error, "protocol lost", "auth"),
    Fault("byte-drip", 6, fake.drip, "timeout", "auth"),
    Fault("endless-notices", 6, fake.notices, "protocol", "auth"),
    Fault("endless-parameters", 6, fake.parameters, "protocol", "auth"),
    Fault("no-tls-where-required", 7, fake.polite, "tls", "tls", **REQUIRE),
    Fault("tls-stalls", 7, fake.stalls_in_tls, "timeout", "tls", **REQUIRE),
    Fault("tls-stalls-under-prefer", 7, fake.stalls_in_tls, "timeout", "tls"),
    Fault("tls-garbage", 7, fake.garbage_in_tls, "tls", "tls", **REQUIRE),
    Fault("tls-garbage-under-prefer", 7, fake.garbage_in_tls, "tls", "tls"),
    Fault("plaintext-behind-the-s", 7, fake.injects_plaintext, "tls", "tls", **REQUIRE),
    Fault("plaintext-under-prefer", 7, fake.injects_plaintext, "tls", "tls"),
    Fault("error-before-tls", 7, fake.error_before_tls, "tls", "tls", **REQUIRE),
    Fault("error-instead-of-tls", 7, fake.error_before_tls, ANY, "tls"),
    Fault("end-at-tls", 7, fake.closes_on_tls, "tls lost", "tls auth"),
    Fault("asks-for-gss", 10, fake.asks_gss, "auth", "auth", says="(?i)gss|kerberos"),
    Fault("asks-for-sspi", 10, fake.asks_sspi, "auth", "auth"),
    Fault("unknown-auth", 10, fake.unknown_authentication, "auth protocol", "auth"),
    Fault("scram-wrong", 10, scram(iterations=4096), "auth", "auth"),
    Fault("scram-5-million", 10, scram(iterations=5_000_000), "auth", "auth",
          says="5000000|5,000,000|iteration", seen={"proof": 0}),
    Fault("scram-22-minutes", 10, scram(iterations=2**31 - 1), "auth", "auth",
          says="iteration", seen={"proof": 0}),
    Fault("starting", 13, fake.fatal("57P03", "the database system is starting up"),
          "not_ready", "auth", says="starting up"),
    Fault("full", 14, fake.fatal("53300", "sorry, too many clients already"),
          "saturated", "auth", says="too many clients"),
    Fault("silent-after-login", 15, fake.mute_after_login, "timeout", "query"),
    Fault("reset-in-answer", 17, fake.resets_in_answer, "lost", "query stream"),
    Fault("end-in-answer", 17, fake.closes_in_answer, "lost", "query stream"),
    Fault("terminated", 17, fake.terminated_in_answer, "lost", "query stream",
          says="administrator command"),
    Fault("other-backend-crashed", 17, fake.crashed_in_answer, "lost", "query stream",
          says="crash of another server process"),
    Fault("statement-cancelled", 17, fake.cancelled_answer, "timeout cancelled query",
          "query stream", says="cancel"),
    Fault("row-of-2-gb", 18, fake.huge_row, "limit timeout", "query stream"),
    Fault("rows-without-end", 18, fake.endless_rows, "limit timeout", "query stream"),
    Fault("results-without-end", 18, fake.endless_results, "limit timeout protocol",
          "query stream"),
    Fault("notice-flood", 18, fake.notice_flood, "limit timeout", "query stream"),
    Fault("notify-flood", 18, fake.notify_flood, "limit timeout", "query stream"),
    Fault("unknown-message", 18, fake.nonsense, "protocol lost", "query stream"),
    Fault("copy-in", 19, fake.copies_in, "protocol query", "query stream"),
    Fault("copy-out", 19, fake.copies_out, "protocol query", "query stream"),
    Fault("empty-answer", 19, fake.empty_answer, "protocol query", "query stream"),
]  # fmt: skip

HEALTHY = ["first-neighbour", "middle-neighbour", "last-neighbour"]


class Zoo:
    """The fakes, the configuration, and the one run over all of them."""

    def __init__(self, pgcensus, stage):
        self.fakes = {fault.name: stage.fake(fault.script) for fault in FAULTS}
        self.hole, self.refuser = Hole(), Refuser()
        neighbour = stage.fake(fake.polite)
        nodes = [
            self.fakes[f.name].node(f.name, password=CANARY, **f.keys) for f in FAULTS
        ]
        nodes.insert(0, neighbour.node(HEALTHY[0]))
        nodes.insert(len(nodes) // 2, neighbour.node(HEALTHY[1]))
        nodes.append(self.hole.node("syn-dropped"))
        nodes.append(self.refuser.node("refused"))
        nodes.append(neighbour.node(HEALTHY[2]))
        self.nodes = nodes
        self.run = pgcensus("check", "--json", "-T", f"{TIMEOUT}s", config=nodes)

    def close(self):
        self.hole.close()
        self.refuser.close()


@pytest.fixture(scope="module")
def zoo(pgcensus, module_stage):
    zoo = Zoo(pgcensus, module_stage)
    yield zoo
    zoo.close()


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_fault_is_named(zoo, fault):
    node = zoo.run.node(fault.name)
    assert node["status"] == "down"
    error = node["error"]
    if fault.classes:
        assert error["class"] in fault.classes, error
    assert error["phase"] in fault.phases, error
    if fault.says:
        assert re.search(fault.says, error["message"]), error
    for what, times in fault.seen.items():
        assert zoo.fakes[fault.name].count(what) == times


def test_syn_dropped_is_a_timeout_of_the_connect_phase(zoo):
    error = zoo.run.error("syn-dropped")
    assert (error["class"], error["phase"]) == ("timeout", "connect")


def test_refused_is_known_at_once(zoo):
    node = zoo.run.node("refused")
    assert (node["error"]["class"], node["error"]["phase"]) == ("refused", "connect")
    assert node["latency_ms"]["total"] < 500
    assert node["error"]["retryable"]


def test_the_run_ends_by_its_deadline(zoo, pgcensus):
    seconds = TIMEOUT + (2 if pgcensus.sanitized else 0.5)
    assert zoo.run.doc["elapsed_ms"] < seconds * 1000
    assert zoo.run.code == 2


@pytest.mark.parametrize("name", HEALTHY)
def test_neighbours_of_faults_are_healthy(zoo, name):
    node = zoo.run.node(name)
    assert (node["status"], node["attempts"]) == ("ok", 1)
    assert (node["role"], node["server_version"]) == ("primary", "15.20")


def test_notices_of_servers_stay_off_stderr(zoo):
    assert "please wait" not in zoo.run.errors
    assert "still starting" not in zoo.run.errors


def test_no_plaintext_login_after_a_failed_tls(zoo):
    for fault in FAULTS:
        if fault.row == 7 and fault.script is not fake.polite:
            seen = zoo.fakes[fault.name]
            assert seen.count("startup") == 0, fault
            assert seen.count("plaintext login") == 0, fault


def test_floods_do_not_fill_our_memory(zoo, pgcensus):
    limit_mb = 400 if pgcensus.sanitized else 60
    assert zoo.run.rss_kb < limit_mb * 1024


@pytest.mark.parametrize("form", ["table", "csv", "ndjson", "prometheus"])
def test_other_formats_survive_every_fault(zoo, pgcensus, form):
    run = pgcensus("check", "--format", form, "-T", "700ms", config=zoo.nodes)
    assert run.code == 2
    for node in zoo.nodes:
        assert node["name"] in run.text

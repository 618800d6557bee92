"""Real servers that refuse: faults 8, 11 to 14.

As with the hostile servers, one run judges all of them; what needs the server's own log
has a run of its own."""

import os
import re

import fake
import pytest
from cluster import Session
from place import until
from judge import CANARY

TIMEOUT = 2.0
ANY_PHASE = "resolve connect tls auth"


class Refusal:
    """A login at a server that is made below, and what must be said about it.
    {certs} in a key's value is the directory of the certificates."""

    def __init__(self, name, server, error_class, sqlstate, says, phase="auth", **keys):
        self.name, self.server, self.keys = name, server, keys
        self.error_class, self.sqlstate = error_class, sqlstate
        self.says, self.phase = says, phase

    def __repr__(self):
        return self.name

    def node(self, servers, certs):
        keys = {
            key: value.format(certs=certs.root) if isinstance(value, str) else value
            for key, value in self.keys.items()
        }
        return servers[self.server].node(self.name, **keys)


VERIFY = {"sslmode": "verify-full", "sslrootcert": "{certs}/ca.crt"}
CERTIFIED = {
    "user": "certified",
    "sslmode": "require",
    "sslcert": "{certs}/client.crt",
}

REFUSALS = [
    Refusal("wrong-password", "primary", "auth", "28P01", "authentication failed",
            user="scrammy", password=CANARY + "x"),
    Refusal("no-password", "primary", "auth", None, "password", user="scrammy"),
    Refusal("no-such-role", "primary", "auth", "28000", "does not exist", user="ghost"),
    Refusal("rejected", "primary", "auth", "28000", "pg_hba.conf", user="banned"),
    Refusal("no-such-database", "primary", "config", "3D000", "nowhere",
            dbname="nowhere"),
    Refusal("closed-database", "primary", "config", "55000", "not currently accepting",
            dbname="closed"),
    Refusal("no-privilege", "primary", "config", "42501", "permission denied",
            dbname="guarded"),
    Refusal("role-limit", "primary", "saturated", "53300", "role", user="full"),
    Refusal("database-limit", "primary", "saturated", "53300", "narrow",
            dbname="narrow"),
    Refusal("server-limit", "small", "saturated", "53300", "connection slots|clients"),
    Refusal("pooler-limit", "tiny", "saturated", "08P01", "connections", via="pooler"),
    Refusal("pooler-limit-direct", "tiny", "saturated", "08P01", "connections"),
    Refusal("starting", "starting", "not_ready", "57P03", "starting up|accepting"),
    Refusal("stopping", "stopping", "not_ready", "57P03", "shutting down"),
    Refusal("cold-standby", "cold", "not_ready", "57P03", "accepting|starting"),
    Refusal("frozen", "frozen", "timeout", None, "", "tls auth"),
    Refusal("cert-expired", "expired", "tls", None, "verify|expired", "tls", **VERIFY),
    Refusal("cert-of-other-ca", "foreign", "tls", None, "verify", "tls", **VERIFY),
    Refusal("cert-of-other-host", "stranger", "tls", None, "match", "tls", **VERIFY),
    Refusal("no-tls", "small", "tls", None, "(?i)ssl|tls", "tls", sslmode="require"),
    Refusal("client-key-encrypted", "primary", "tls config", None, "key", ANY_PHASE,
            sslkey="{certs}/client.locked.key", **CERTIFIED),
    Refusal("client-key-missing", "primary", "tls config", None, "key", ANY_PHASE,
            sslkey="{certs}/nowhere.key", **CERTIFIED),
]  # fmt: skip

PREPARE = """
create role full login connection limit 0;
create database closed allow_connections false;
create database narrow connection limit 0;
create database guarded;
revoke connect on database guarded from public;
"""


@pytest.fixture(scope="module")
def servers(clusters, primary, bouncers, certs):
    for statement in PREPARE.strip().splitlines():
        primary.sql(statement)
    primary.allow(
        "host all ghost,full all trust",
        "host all banned all reject",
    )
    made = {
        "primary": primary,
        "tiny": bouncers("tiny", max_client_conn=1),
        "small": clusters.new(
            "small", max_connections=4, superuser_reserved_connections=3
        ),
        "stopping": clusters.new("stopping"),
        "frozen": clusters.new("frozen"),
        "starting": clusters.standby("starting", of=primary, wal="none", start=False),
        "cold": clusters.standby("cold", of=primary, start=False, hot_standby="off"),
    }
    for name in "expired", "foreign", "stranger":
        made[name] = clusters.new(name, certificate=certs[name], ca=certs["ca.crt"])
    sessions = [Session(made[name]) for name in ("tiny", "small", "stopping")]
    made["stopping"].stop("smart", wait=False)
    for name in "starting", "cold":
        made[name].start(wait=False)
    for name in "starting", "cold", "stopping":
        until(lambda: "FATAL:  the database system" in made[name].refusal())
    made["frozen"].freeze()
    yield made
    made["frozen"].thaw()
    for session in sessions:
        session.close()


@pytest.fixture(scope="module")
def verdict(pgcensus, servers, certs):
    nodes = [refusal.node(servers, certs) for refusal in REFUSALS]
    return pgcensus("check", "--json", "-T", f"{TIMEOUT}s", config=nodes)


@pytest.mark.parametrize("refusal", REFUSALS, ids=repr)
def test_refusal_is_named(verdict, refusal):
    node = verdict.node(refusal.name)
    error = node["error"]
    assert (node["status"], node["attempts"]) == ("down", 1)
    assert error["class"] in refusal.error_class.split(), error
    assert error["phase"] in refusal.phase.split(), error
    assert error["sqlstate"] == refusal.sqlstate, error
    assert re.search(refusal.says, error["message"]), error


def test_a_cold_standby_is_told_from_a_server_that_starts(verdict):
    """By DETAIL only; while it has not read its control file it says nothing of it."""
    cold = verdict.error("cold-standby")
    if "accepting" in cold["message"]:
        assert cold["detail"] == "Hot standby mode is disabled."


def test_all_refusals_together_end_by_the_deadline(verdict):
    assert verdict.doc["elapsed_ms"] < (TIMEOUT + 0.5) * 1000



@pytest.mark.parametrize("sslmode", ["prefer", "require", "disable"])
def test_a_wrong_password_is_one_attempt_in_the_servers_log(pgcensus, primary, sslmode):
    words = 'FATAL:  password authentication failed for user "scrammy"'
    before = primary.log().count(words)
    keys = {"user": "scrammy", "password": CANARY + "x", "sslmode": sslmode}
    nodes = [primary.node("a", **keys)]
    run = pgcensus("check", "--json", "--retries", "3", config=nodes)
    assert run.error("a")["class"] == "auth"
    assert run.node("a")["attempts"] == 1
    assert primary.log().count(words) == before + 1


def test_no_login_reaches_a_server_whose_certificate_is_wrong(
    pgcensus, clusters, servers, certs
):
    keys = {"sslmode": "verify-full", "sslrootcert": certs["ca.crt"]}
    for name in "expired", "foreign", "stranger":
        before = servers[name].log().count("connection authorized")
        run = pgcensus("check", "--json", config=[servers[name].node("a", **keys)])
        assert run.error("a")["class"] == "tls"
        assert servers[name].log().count("connection authorized") == before


@pytest.mark.parametrize("via", ["direct", "pooler"])
def test_a_pooler_finds_nothing_to_refuse(pgcensus, bouncer, via):
    words = "unsupported startup parameter"
    before = bouncer.log().count(words)
    run = pgcensus("check", "--json", config=[bouncer.node("a", via=via)])
    assert (run.node("a")["status"], run.node("a")["attempts"]) == ("ok", 1)
    assert bouncer.log().count(words) == before


def test_options_that_an_old_server_does_not_know_are_dropped_exactly_once(
    pgcensus, stage
):
    unknown = 'unrecognized configuration parameter "application_name"'
    script = fake.failing_first(1, fake.fatal("42704", unknown))
    server = stage.fake(script)
    run = pgcensus("check", "--json", config=[server.node("a")])
    assert (run.node("a")["status"], run.node("a")["attempts"]) == ("ok", 2)
    told = [set(p) for p in server.notes("startup")]
    bare = {"user", "database"}
    assert told == [bare | {"application_name", "client_encoding"}, bare]


def test_a_server_that_refuses_every_option_is_a_config_fault(pgcensus, stage):
    unknown = 'unrecognized configuration parameter "search_pth"'
    server = stage.fake(fake.fatal("42704", unknown))
    run = pgcensus("check", "--json", config=[server.node("a")])
    assert run.error("a")["class"] == "config"
    assert server.count("startup") == 2


def test_a_pooler_without_that_database(pgcensus, bouncer):
    run = pgcensus("check", "--json", config=[bouncer.node("a", dbname="nowhere")])
    assert run.error("a")["class"] == "config", run
    assert run.error("a")["sqlstate"] == "08P01"


def test_a_pooler_whose_server_is_dead_is_a_timeout(pgcensus, bouncer):
    nodes = [bouncer.node("a", dbname="dead", via="pooler")]
    run = pgcensus("check", "--json", "-T", "1s", config=nodes)
    assert run.error("a")["class"] in ("timeout", "refused", "lost", "protocol"), run
    assert run.seconds < 1.5 + pgcensus.sanitized


def test_an_encrypted_client_key_does_not_prompt(pgcensus, primary, certs):
    """With a terminal, OpenSSL would ask for the passphrase on it and wait."""
    nodes = [primary.node("a", sslkey=certs["client.locked.key"],
                          user="certified", sslmode="require",
                          sslcert=certs["client.crt"])]  # fmt: skip
    run = pgcensus.on_terminal("check", "--json", config=nodes)
    assert "pass phrase" not in run.text + run.errors
    assert run.error("a")["class"] in ("tls", "config")
    assert run.seconds < 5


def test_an_unreadable_client_key_is_an_error_at_once(pgcensus, primary, certs):
    if os.geteuid() == 0:
        pytest.skip("root reads every key")
    locked = certs["client.key"] + ".unreadable"
    with open(locked, "w"):
        os.chmod(locked, 0)
    nodes = [primary.node("a", sslkey=locked, sslcert=certs["client.crt"],
                          sslmode="require", user="certified")]  # fmt: skip
    run = pgcensus("check", "--json", config=nodes)
    assert run.error("a")["class"] == "tls"
    assert f'cannot read sslkey "{locked}"' in run.error("a")["message"]


@pytest.mark.parametrize("key", ["sslrootcert", "sslcert", "sslkey", "sslcrl"])
def test_a_directory_is_no_tls_file(pgcensus, primary, certs, key):
    files = {"sslcert": certs["client.crt"], "sslkey": certs["client.key"]}
    keys = {"sslmode": "require", "user": "certified", **files, key: certs.root}
    run = pgcensus("check", "--json", config=[primary.node("a", **keys)])
    assert run.error("a")["class"] == "tls"
    assert "directory" in run.error("a")["message"]

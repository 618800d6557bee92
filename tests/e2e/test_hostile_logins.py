"""What a server may ask of us at the login, and what it may cost: fault 10."""

import fake
import pytest
from judge import CANARY


def one(pgcensus, node, *argv, **kinds):
    run = pgcensus("check", "--json", *argv, config=[node], **kinds)
    return run.doc["nodes"][0]


@pytest.mark.alone
@pytest.mark.parametrize("iterations", [1, 4096, 150_000])
def test_scram_is_answered(pgcensus, stage, iterations):
    server = stage.fake(fake.scram, iterations=iterations, password=CANARY)
    assert one(pgcensus, server.node("a", password=CANARY))["status"] == "ok"


def test_scram_cap_can_only_be_passed_by_configuration(pgcensus, stage):
    server = stage.fake(fake.scram, iterations=200_001, password=CANARY)
    node = one(pgcensus, server.node("a", password=CANARY))
    assert node["error"]["class"] == "auth"
    assert server.count("proof") == 0


def test_md5_is_answered_and_noted_under_v(pgcensus, stage):
    server = stage.fake(fake.asks_md5)
    run = pgcensus("check", "-v", config=[server.node("old", password=CANARY)])
    assert run.code == 0
    assert server.notes("password")[0].startswith(b"md5")
    assert "md5" in (run.errors + run.text).lower()


def test_cleartext_is_answered_on_loopback(pgcensus, stage):
    server = stage.fake(fake.asks_cleartext)
    assert one(pgcensus, server.node("a", password=CANARY))["status"] == "ok"
    assert server.notes("password") == [CANARY.encode() + b"\0"]


def test_cleartext_is_answered_under_tls(pgcensus, stage, tls):
    server = stage.fake(fake.asks_cleartext, tls=tls())
    node = server.node("a", password=CANARY, sslmode="require")
    assert one(pgcensus, node)["status"] == "ok"


def test_trust_is_the_servers_choice(pgcensus, stage):
    server = stage.fake(fake.polite)
    assert one(pgcensus, server.node("a", password=CANARY))["status"] == "ok"
    assert server.count("password") == 0


@pytest.mark.alone
@pytest.mark.parametrize("iterations", [5_000_000, 2**31 - 1])
def test_hostile_scram_under_tls_stays_with_its_node(pgcensus, stage, tls, iterations):
    """Nobody can look into TLS, so the count is computed, but not on the loop."""
    hostile = stage.fake(fake.scram, iterations=iterations, tls=tls())
    healthy = stage.fake(fake.scram, iterations=4096, password=CANARY)
    keys = {"password": CANARY}
    nodes = [hostile.node(f"bad-{i}", sslmode="require", **keys) for i in range(3)]
    nodes += [healthy.node(f"good-{i}", **keys) for i in range(20)]
    run = pgcensus("check", "--json", "-T", "1500ms", config=nodes)
    assert run.seconds < 1.5 + 0.5 + (1 if pgcensus.sanitized else 0)
    for name, node in run.nodes.items():
        if name.startswith("good"):
            assert node["status"] == "ok"
            assert node["latency_ms"]["total"] < 1000
        else:
            error = node["error"]
            assert (error["class"], error["phase"]) == ("timeout", "auth")


def test_a_refused_login_is_tried_once(pgcensus, stage):
    server = stage.fake(fake.fatal("28P01", "password authentication failed"))
    node = one(pgcensus, server.node("a", password=CANARY), "--retries", "3")
    assert (node["attempts"], server.count("startup")) == (1, 1)
    assert node["error"]["sqlstate"] == "28P01"
    assert not node["error"]["retryable"]


def test_credentials_are_not_sent_to_a_server_that_cannot_prove_itself(
    pgcensus, stage, tls, certs
):
    for name in "expired", "foreign", "stranger":
        server = stage.fake(fake.asks_cleartext, tls=tls(name))
        keys = {"sslmode": "verify-full", "sslrootcert": certs["ca.crt"]}
        node = one(pgcensus, server.node("a", password=CANARY, **keys))
        assert (node["error"]["class"], node["error"]["phase"]) == ("tls", "tls")
        assert server.count("startup") == 0

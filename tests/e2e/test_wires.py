"""Real servers behind wires that are slow, cut or reset, wherever that happens."""

import pytest
from proxy import Proxy
from judge import CANARY

LOGIN = {"user": "scrammy", "password": CANARY, "dbname": "postgres"}


@pytest.mark.parametrize("sslmode", ["require", "disable"])
@pytest.mark.parametrize("how", ["cut_after", "reset_after"])
def test_a_conversation_may_end_at_any_byte(pgcensus, stage, primary, sslmode, how):
    """TLS, SCRAM and the answer are a few thousand bytes; a wire ends at every two
    hundredth of them."""
    nodes = []
    for n in range(0, 6000, 200):
        wire = Proxy.to(stage, primary, **{how: n})
        nodes.append(wire.node(f"after-{n:04}", sslmode=sslmode, **LOGIN))
    run = pgcensus("check", "--json", "-j", "8", "-T", "20s", config=nodes)
    verdicts = [node["status"] for node in run.doc["nodes"]]
    assert verdicts == sorted(verdicts), "a longer wire is no worse"
    assert verdicts[0] == "down" and verdicts[-1] == "ok"
    for node in run.doc["nodes"]:
        if node["error"]:
            assert node["error"]["class"] in ("lost", "tls"), node
            assert node["error"]["phase"] in ("tls", "auth", "query", "stream"), node


@pytest.mark.parametrize("sslmode", ["require", "disable"])
def test_a_wire_that_brings_one_byte_at_a_time(pgcensus, stage, primary, sslmode):
    wire = Proxy.to(stage, primary, drip=True)
    nodes = [wire.node("a", sslmode=sslmode, **LOGIN)]
    run = pgcensus("check", "--json", "-T", "20s", config=nodes)
    assert run.node("a")["status"] == "ok"


def test_a_wire_that_swallows_everything(pgcensus, stage, primary):
    wire = Proxy.to(stage, primary, black_hole=True)
    run = pgcensus("check", "--json", "-T", "1s", config=[wire.node("a", **LOGIN)])
    error = run.error("a")
    assert error["class"] == "timeout" and error["phase"] in ("tls", "auth")

"""What a check learns of a healthy node: role, version, transport, latency."""

import re
import socket

import fake
import pytest
import wire
from proxy import Proxy
from judge import CANARY


def facts(pgcensus, node, *argv):
    run = pgcensus("check", "--json", *argv, config=[node])
    return run.doc["nodes"][0]


@pytest.fixture(scope="module")
def fleet(pgcensus, primary, standby, bouncer, certs):
    """One run over every way to reach a server."""
    ca = {"sslrootcert": certs["ca.crt"]}
    verify = {**ca, "sslmode": "verify-full"}
    unix = {"host": primary.home}
    nodes = [
        primary.node("primary"),
        standby.node("standby"),
        primary.node("no-tls", sslmode="disable"),
        primary.node("require", sslmode="require"),
        primary.node("verify-ca", sslmode="verify-ca", **ca),
        primary.node("verify-full", **verify),
        primary.node("by-name", **{**verify, "host": "localhost"}),
        primary.node("unix", **unix),
        primary.node("unix-verify", **verify, **unix),
        primary.node("pooler", via="pooler", **{"port": bouncer.port}),
        primary.node("scram", user="scrammy", password=CANARY),
        primary.node("md5", user="md5y", password=CANARY),
        primary.node("password", user="plainy", password=CANARY),
        primary.node("certificate", user="certified", sslmode="require",
                     sslcert=certs["client.crt"], sslkey=certs["client.key"]),
    ]  # fmt: skip
    return pgcensus("check", "--json", config=nodes)


def test_all_ways_lead_to_ok(fleet):
    assert fleet.code == 0, fleet
    assert {node["status"] for node in fleet.doc["nodes"]} == {"ok"}


@pytest.mark.parametrize(
    "name, role, read_only",
    [
        ("primary", "primary", False),
        ("standby", "standby", True),
        ("pooler", "primary", False),
        ("unix", "primary", False),
    ],
)
def test_role_and_read_only(fleet, name, role, read_only):
    node = fleet.node(name)
    assert (node["role"], node["read_only"]) == (role, read_only)


@pytest.mark.parametrize("name", ["primary", "standby", "pooler", "unix"])
def test_server_version(fleet, primary, name):
    node = fleet.node(name)
    assert node["server_version"] == primary.sql("show server_version").split()[0]
    assert node["server_version_num"] == int(primary.sql("show server_version_num"))


@pytest.mark.parametrize(
    "name, kind, encrypted, verified",
    [
        ("primary", "tcp", True, "none"),  # sslmode prefer
        ("standby", "tcp", True, "none"),
        ("no-tls", "tcp", False, None),
        ("require", "tcp", True, "none"),
        ("verify-ca", "tcp", True, "ca"),
        ("verify-full", "tcp", True, "full"),
        ("by-name", "tcp", True, "full"),
        ("unix", "unix", False, None),
        ("pooler", "tcp", False, None),
    ],
)
def test_transport(fleet, name, kind, encrypted, verified):
    transport = fleet.node(name)["transport"]
    assert (transport["kind"], transport["verified"]) == (kind, verified)
    assert bool(transport["tls"]) == bool(transport["cipher"]) == encrypted
    if encrypted:
        assert re.fullmatch(r"TLSv1\.[23]", transport["tls"])


def test_addresses(fleet, primary):
    by_name = fleet.node("by-name")
    assert by_name["host"] == "localhost"
    assert by_name["hostaddr"] in ("127.0.0.1", "::1")
    assert fleet.node("primary")["hostaddr"] == "127.0.0.1"
    assert fleet.node("unix")["host"] == primary.home
    assert fleet.node("unix")["hostaddr"] is None


def test_phases_that_did_not_happen_are_null(fleet):
    assert fleet.node("no-tls")["latency_ms"]["tls"] is None
    assert fleet.node("unix")["latency_ms"]["tls"] is None
    assert fleet.node("primary")["latency_ms"]["tls"] > 0
    assert fleet.node("by-name")["latency_ms"]["resolve"] is not None


def test_one_connection_per_node(pgcensus, stage):
    server = stage.fake(fake.polite)
    facts(pgcensus, server.node("a"))
    assert server.count("connected") == 1
    assert server.notes("query")[0] == "SELECT 1"


def test_the_login_says_who_we_are(pgcensus, stage):
    server = stage.fake(fake.polite)
    facts(pgcensus, server.node("a", user="monitor", dbname="orders"))
    (startup,) = server.notes("startup")
    assert startup["application_name"] == "pgcensus"
    assert startup["client_encoding"] == "UTF8"
    assert (startup["user"], startup["database"]) == ("monitor", "orders")


def test_the_application_name_can_be_set(pgcensus, stage):
    server = stage.fake(fake.polite)
    facts(pgcensus, server.node("a", application_name="night-check"))
    assert server.notes("startup")[0]["application_name"] == "night-check"


def test_latency_is_split_by_phase(pgcensus, stage, primary):
    """Through a wire with 50 ms each way every phase that talks takes its round trips,
    and the sum is the total."""
    slow = Proxy.to(stage, primary, delay=0.05)
    keys = {"user": "scrammy", "password": CANARY, "sslmode": "require"}
    node = facts(pgcensus, {**slow.node("a"), "dbname": "postgres", **keys})
    latency = node["latency_ms"]
    assert latency["tcp"] < 50  # the proxy itself answers the SYN
    assert latency["tls"] >= 190  # SSLRequest, then the handshake
    assert latency["auth"] >= 290  # startup, two rounds of SCRAM
    assert 95 <= latency["query"] < latency["total"]
    parts = sum(v for k, v in latency.items() if v and k != "total")
    assert parts == pytest.approx(latency["total"], rel=0.1)


@pytest.mark.parametrize("version", ["10.23", "11.22", "12.17", "13.13"])
def test_old_servers_that_do_not_report_their_role_are_asked(pgcensus, stage, version):
    """Only 15 can be installed here; the older ones, from 10 on, are played."""
    server = stage.fake(
        fake.polite,
        server_version=version,
        in_hot_standby=None,
        default_transaction_read_only=None,
    )
    node = facts(pgcensus, server.node("a"), "--facts", "none")
    assert (node["status"], node["server_version"]) == ("ok", version)
    assert (node["role"], node["read_only"]) == ("primary", False)
    assert server.count("asked for the role") == 1


@pytest.mark.parametrize(
    "reported, number",
    [
        ("16.4 (Debian 16.4-1.pgdg120+1)", 160004),
        ("17beta1", 170000),
        ("9.6.24", 90624),
        ("18.0", 180000),
    ],
)
def test_version_numbers(pgcensus, stage, reported, number):
    server = stage.fake(fake.polite, server_version=reported)
    node = facts(pgcensus, server.node("a"))
    assert node["server_version_num"] == number
    assert node["server_version"] == reported.split()[0]


def test_read_only_primary(pgcensus, stage):
    server = stage.fake(fake.polite, default_transaction_read_only="on")
    node = facts(pgcensus, server.node("a"))
    assert (node["role"], node["read_only"]) == ("primary", True)


def test_unexpected_role_is_a_warning(pgcensus, primary, standby):
    nodes = [
        primary.node("right", expect_role="primary"),
        standby.node("wrong", expect_role="primary"),
    ]
    run = pgcensus("check", "--json", config=nodes)
    assert run.code == 1
    assert run.node("right")["reasons"] == []
    wrong = run.node("wrong")
    assert wrong["status"] == "warn"
    (reason,) = wrong["reasons"]
    assert reason["code"] == "role"
    assert (reason["value"], reason["limit"]) == ("standby", "primary")


def test_unexpected_role_can_be_critical(pgcensus, standby):
    node = standby.node("a", expect_role="primary", role_mismatch="critical")
    run = pgcensus("check", config=[node])
    assert run.code == 2


def test_superusers_are_noted_under_v(pgcensus, stage):
    server = stage.fake(fake.polite, is_superuser="on")
    run = pgcensus("check", "-v", config=[server.node("a")])
    assert "superuser" in run.errors + run.text


def test_labels_and_groups_come_along(pgcensus, stage):
    keys = {"group": "orders", "labels": ["dc=fra", "tier=gold"]}
    found = facts(pgcensus, stage.fake(fake.polite).node("a", **keys))
    assert found["group"] == "orders"
    assert found["labels"] == {"dc": "fra", "tier": "gold"}


def test_disabled_nodes_are_reported_and_not_asked(pgcensus, stage):
    server = stage.fake(fake.polite)
    nodes = [server.node("on"), server.node("off", enabled=False)]
    run = pgcensus("check", "--json", config=nodes)
    assert run.code == 0
    off = run.node("off")
    assert (off["status"], off["attempts"], off["latency_ms"]) == ("disabled", 0, None)
    assert server.count("connected") == 1


def test_ipv6(pgcensus, stage):
    try:
        server = stage.fake(fake.polite, host="::1")
    except (OSError, socket.gaierror):
        pytest.skip("no IPv6 on this machine")
    node = facts(pgcensus, server.node("a"))
    assert (node["status"], node["hostaddr"]) == ("ok", "::1")


def test_prefer_goes_on_in_plaintext_on_the_same_connection(pgcensus, stage):
    server = stage.fake(fake.polite)
    node = facts(pgcensus, server.node("a"))
    assert node["transport"]["tls"] is None
    assert (server.count("tls requested"), server.count("connected")) == (1, 1)


def test_prefer_takes_tls_where_it_is(pgcensus, stage, tls):
    server = stage.fake(fake.polite, tls=tls())
    node = facts(pgcensus, server.node("a"))
    assert node["transport"]["tls"]
    assert server.count("connected") == 1


@pytest.mark.parametrize(
    "certificate, lowest, verified",
    [
        ("good", "require", "full"),
        ("stranger", "verify-ca", "ca"),
        ("foreign", "require", "none"),
        ("expired", "require", "none"),
    ],
)
def test_the_highest_sslmode_that_works_is_taken(
    pgcensus, stage, tls, certs, certificate, lowest, verified
):
    server = stage.fake(fake.polite, tls=tls(certificate))
    keys = {"sslmode": "verify-full", "sslrootcert": certs["ca.crt"]}
    node = facts(pgcensus, server.node("a", sslmode_min=lowest, **keys))
    assert node["status"] == "ok"
    assert node["transport"]["verified"] == verified
    assert server.count("startup") == 1


@pytest.mark.parametrize("certificate", ["foreign", "expired"])
def test_never_below_sslmode_min(pgcensus, stage, tls, certs, certificate):
    server = stage.fake(fake.polite, tls=tls(certificate))
    keys = {"sslmode": "verify-full", "sslrootcert": certs["ca.crt"]}
    node = facts(pgcensus, server.node("a", sslmode_min="verify-ca", **keys))
    assert node["error"]["class"] == "tls"
    assert server.count("startup") == 0


# ---- facts that are refused ----

FACTS = fake.facts_answer(started_at="1789999940000000")


def tells_facts(by_parts=None, at_once=None, text=FACTS):
    """A server whose answer to either statement is this error, or the facts."""

    async def on_query(peer, statement):
        if not fake.asks_for_facts(statement):
            await fake.select_one(peer, statement)
            return
        error = by_parts if "DO $facts$" in statement else at_once
        if error == "silence":
            await peer.forever()
        elif error:
            peer.note("refused", error)
            await peer.answer(wire.error(error, "sorry", severity="ERROR"))
        else:
            await fake.tell_facts(peer, statement, text)

    return fake.with_statements(on_query)


def test_facts_cost_one_round_trip(pgcensus, stage):
    server = stage.fake(tells_facts())
    node = facts(pgcensus, server.node("a"))
    assert node["facts"]["uptime_s"] == 60 and node["facts_reason"] is None
    assert node["facts_missing"] == []
    assert len(server.notes("query")) == 2, "SELECT 1 is the other"


@pytest.mark.parametrize("sqlstate", ["42501", "42704"])
def test_without_plpgsql_all_are_asked_at_once(pgcensus, stage, sqlstate):
    """On the same connection."""
    server = stage.fake(tells_facts(by_parts=sqlstate))
    node = facts(pgcensus, server.node("a"))
    assert node["status"] == "ok" and node["role"] == "primary"
    assert node["facts"]["uptime_s"] == 60
    assert server.count("connected") == 1 and server.count("refused") == 1


@pytest.mark.parametrize(
    "by_parts, at_once, refused",
    [
        ("42501", "42501", 2),
        ("42704", "42883", 2),
        ("42601", None, 1),  # another kind of server: DO means nothing to it
        ("0A000", None, 1),
        ("57014", None, 1),
    ],
)
def test_facts_that_nobody_tells(pgcensus, stage, by_parts, at_once, refused):
    server = stage.fake(tells_facts(by_parts, at_once))
    node = facts(pgcensus, server.node("a"))
    assert node["status"] == "ok" and node["role"] == "primary"
    assert node["facts"] is None and "sorry" in node["facts_reason"]
    assert server.count("connected") == 1 and server.count("refused") == refused


@pytest.mark.parametrize(
    "text", ["", "f|off\x1e", FACTS + "\x1e", FACTS[:-1], "!42501 no" + FACTS, None]
)
def test_an_answer_that_is_none(pgcensus, stage, text):
    """Facts, or a reason why there are none; the node is fine."""
    node = facts(pgcensus, stage.fake(tells_facts(text=text)).node("a"))
    assert node["status"] == "ok" and node["role"] == "primary"
    assert node["facts"] or node["facts_reason"]


def test_a_list_without_end_is_a_thousand_lines_and_a_number(pgcensus, stage):
    """A megabyte of facts was 192 MB of memory and 61 MB of JSON."""
    text = fake.facts_answer(
        slots="p|f|1||||||\n" * 20_000 + "p|f|9|lost|||||a", senders="s\n" * 20_000
    )
    node = facts(pgcensus, stage.fake(tells_facts(text=text)).node("a"))
    told = node["facts"]
    assert len(told["slots"]) == len(told["senders"]) == 1000
    assert told["slots_left_out"] == 19_001 and told["senders_left_out"] == 19_000


def test_what_a_server_says_of_more_is_kept(pgcensus, stage):
    text = fake.facts_answer().replace("0\n\x1e", "1500\np|t|7||||||a\x1e", 1)
    told = facts(pgcensus, stage.fake(tells_facts(text=text)).node("a"))["facts"]
    assert len(told["slots"]) == 1 and told["slots_left_out"] == 1499


def test_the_second_time_has_no_time_of_its_own(pgcensus, stage):
    server = stage.fake(tells_facts("42501", "silence"))
    node = facts(pgcensus, server.node("a"), "--deadline", "1s")
    assert node["status"] == "ok" and node["facts"] is None
    assert "1s" in node["facts_reason"]

"""Which nodes are asked: globs, groups, labels, live roles, and nodes that stand on the
command line only.  interface: section 1."""

import fake
import pytest
from judge import CANARY
from stage import Refuser


@pytest.mark.parametrize(
    "argv, names",
    [
        (("-n", "pg-a"), ["pg-a"]),
        (("--node", "pg-*"), ["pg-a", "pg-c"]),
        (("-n", "pg-c,pg-a"), ["pg-a", "pg-c"]),
        (("-n", "pg-a", "-n", "pg-c"), ["pg-a", "pg-c"]),
        (("-n", "!pg-c"), ["pg-a"]),
        (("-n", "pg-*,!*-c"), ["pg-a"]),
        (("-g", "bills"), ["pg-c"]),
        (("--group", "orders,bills"), ["pg-a", "pg-c"]),
        (("-l", "dc=fra"), ["pg-a"]),
        (("-l", "dc=ams", "-l", "tier=gold"), ["pg-c"]),
    ],
)
def test_selection(pgcensus, two, argv, names):
    run = pgcensus("check", "--json", *argv, config=two, expect=names)
    assert run.code == (2 if "pg-c" in names else 0)


def test_a_name_that_matches_nothing_gets_a_suggestion(pgcensus, two):
    run = pgcensus("check", "-n", "pg-b", config=two)
    assert run.code == 3
    assert "pg-b" in run.errors and "did you mean" in run.errors
    assert "pg-a" in run.errors or "pg-c" in run.errors


@pytest.mark.parametrize(
    "argv",
    [
        ("-n", "zz*"),
        ("-g", "nobody"),
        ("-l", "dc=nowhere"),
        ("-n", "pg-a", "-g", "bills"),
        ("-n", "!*"),
    ],
)
def test_an_empty_selection_is_exit_3(pgcensus, two, argv):
    run = pgcensus("check", *argv, config=two)
    assert (run.code, run.text) == (3, "")
    assert run.errors.startswith("pgcensus: ")


def test_role_selects_by_what_is_alive_and_drops_nobody_silently(pgcensus, stage):
    refuser = Refuser()
    nodes = [
        stage.fake(fake.polite).node("p"),
        stage.fake(fake.polite, in_hot_standby="on").node("s"),
        refuser.node("dead"),
    ]
    argv = "check", "--json", "--role", "standby"
    run = pgcensus(*argv, config=nodes, expect=["s", "dead"])
    assert run.code == 2
    refuser.close()


# ---- nodes without a configuration ----


def test_url(pgcensus, stage):
    server = stage.fake(fake.polite)
    url = f"postgresql://monitor@127.0.0.1:{server.port}/orders?sslmode=disable"
    run = pgcensus("check", "--json", "--url", url)
    (node,) = run.doc["nodes"]
    assert (run.code, run.doc["config"]) == (0, None)
    assert (node["user"], node["dbname"], node["port"]) == (
        "monitor",
        "orders",
        server.port,
    )
    assert server.count("tls requested") == 0


def test_urls_and_conninfo_are_repeatable(pgcensus, stage):
    ports = [stage.fake(fake.polite).port for _ in range(3)]
    run = pgcensus(
        *["check", "--json", "--url", f"postgres://u@127.0.0.1:{ports[0]}/d"],
        *["--url", f"host=127.0.0.1 port={ports[1]} dbname=d"],
        *["--url", f"host=127.0.0.1 port={ports[2]} application_name='two words'"],
    )
    assert run.code == 0
    assert [node["port"] for node in run.doc["nodes"]] == ports


@pytest.mark.parametrize(
    "url",
    [
        f"postgres://u:{CANARY}@127.0.0.1/d",
        f"postgres://u@127.0.0.1/d?password={CANARY}",
        f"host=127.0.0.1 password={CANARY}",
        f"host=127.0.0.1 password='{CANARY}'",
    ],
)
def test_a_password_in_a_url_is_refused_with_an_explanation(pgcensus, url):
    run = pgcensus("check", "--url", url)
    assert (run.code, run.text) == (3, "")
    assert "password" in run.errors


@pytest.mark.parametrize(
    "url",
    [
        f"postgres://u:{CANARY}@wrd@host:54a32/d",
        f"host=127.0.0.1 password={CANARY} {CANARY}",
        f"postgres://u:{CANARY}%zz@127.0.0.1/d",
        f"postgres://u@127.0.0.1/{CANARY}?passwort={CANARY}",
        CANARY,
    ],
)
def test_a_url_that_cannot_be_read_is_not_repeated(pgcensus, url):
    run = pgcensus("check", "--url", url)
    assert (run.code, run.text) == (3, "")


@pytest.mark.parametrize("key", ["password", "sslpassword"])
def test_secrets_cannot_be_set_on_the_command_line(pgcensus, fine, key):
    run = pgcensus("check", "--set", f"{key}={CANARY}", config=fine)
    assert run.code == 3
    assert key in run.errors


def test_set_is_the_strongest(pgcensus, stage):
    server = stage.fake(fake.polite)
    node = server.node("a", sslmode="require", dbname="orders")
    argv = "check", "--json", "--set", "sslmode=disable", "--set", "dbname=bills"
    run = pgcensus(*argv, config=[node])
    assert run.code == 0
    assert run.node("a")["dbname"] == "bills"
    assert server.notes("startup")[0]["database"] == "bills"


def test_set_of_an_unknown_key(pgcensus, fine):
    run = pgcensus("check", "--set", "sslmod=disable", config=fine)
    assert run.code == 3
    assert 'did you mean "sslmode"' in run.errors

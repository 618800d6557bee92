"""The command line: what a user types, what comes back, where, and with which exit
code.  interface: sections 1 and 2."""

import re

import fake
import pytest
from run import CANARY
from stage import Refuser


@pytest.fixture
def two(stage):
    """One node that is ok and one that is down."""
    refuser = Refuser()
    yield [
        stage.fake(fake.polite).node("pg-a", group="orders", labels=["dc=fra"]),
        refuser.node("pg-c", group="bills", labels=["dc=ams", "tier=gold"]),
    ]
    refuser.close()


@pytest.fixture
def fine(stage):
    return [stage.fake(fake.polite).node("pg-a")]


# ---- help and mistakes ----


def test_no_arguments_is_a_short_help_on_stderr(pgcensus):
    run = pgcensus()
    assert (run.code, run.text) == (3, "")
    assert run.errors.count("pgcensus check") >= 1
    for command in "check", "nodes", "config", "completion":
        assert command in run.errors


@pytest.mark.parametrize("argv", [("help",), ("--help",), ("-h",), ("-?",)])
def test_help_is_data(pgcensus, argv):
    run = pgcensus(*argv)
    assert (run.code, run.errors) == (0, "")
    assert "check" in run.text


@pytest.mark.parametrize(
    "argv", [("help", "check"), ("check", "--help"), ("check", "-h"), ("check", "-?")]
)
def test_help_of_a_command(pgcensus, argv):
    run = pgcensus(*argv)
    assert (run.code, run.errors) == (0, "")
    for option in "--config", "--json", "--deadline", "--retries", "--quiet", "-n":
        assert option in run.text


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version(pgcensus, option):
    run = pgcensus(option)
    assert run.code == 0
    assert re.fullmatch(r"pgcensus \d+\.\d+\.\d+", run.lines[0])
    for part in "libpq", "libcyaml", "OpenSSL", "utf8proc":
        assert part in run.text


@pytest.mark.parametrize(
    "argv, meant",
    [
        (("chek",), "check"),
        (("check", "--jsn"), "--json"),
        (("check", "--dedline", "1s"), "--deadline"),
        (("nodes", "--grup", "a"), "--group"),
        (("config", "chekc"), "check"),
    ],
)
def test_mistyped_words_are_understood(pgcensus, argv, meant):
    run = pgcensus(*argv)
    assert (run.code, run.text) == (3, "")
    assert "did you mean" in run.errors and meant in run.errors
    assert re.search(r"Try 'pgcensus[a-z ]* --help'\.", run.errors)


@pytest.mark.parametrize("abbreviation", ["--js", "--dead=1s", "--vers", "--conf=x"])
def test_long_options_are_not_abbreviated(pgcensus, abbreviation):
    run = pgcensus("check", abbreviation)
    assert run.code == 3


@pytest.mark.parametrize(
    "argv",
    [
        ("check", "--config"),
        ("check", "--timeout", "5"),
        ("check", "--timeout", "-1s"),
        ("check", "--timeout", "5x"),
        ("check", "--deadline", ""),
        ("check", "--jobs", "many"),
        ("check", "--jobs", "0x10"),
        ("check", "--retries", "-1"),
        ("check", "--format", "xml"),
        ("check", "--json=yes"),
        ("check", "--set", "port"),
        ("check", "--label", "fra"),
        ("check", "--color", "sometimes"),
        ("check", "surplus"),
        ("completion",),
        ("completion", "tcsh"),
        ("config",),
    ],
)
def test_usage_errors_are_exit_3(pgcensus, argv):
    run = pgcensus(*argv)
    assert (run.code, run.text) == (3, "")
    assert run.errors.startswith("pgcensus: "), run


def test_a_number_without_a_unit_is_explained(pgcensus, fine):
    run = pgcensus("check", "--timeout", "5", config=fine)
    assert run.code == 3
    assert re.search(r"\b5s\b|unit", run.errors)


def test_usage_errors_are_documents_too(pgcensus, fine):
    run = pgcensus("check", "--json", "-n", "nobody", config=fine)
    assert run.doc["schema"] == "pgcensus.error/1"
    assert run.doc["error"]["class"] in ("usage", "selection", "config")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(pgcensus, shell):
    run = pgcensus("completion", shell)
    assert run.code == 0
    assert "check" in run.text and "deadline" in run.text


def test_bash_completion_completes(pgcensus, place):
    script = pgcensus.path("complete.bash", pgcensus("completion", "bash").text)
    probe = (
        f"source {script}; COMP_WORDS=(pgcensus check --dead); COMP_CWORD=2;"
        " $(complete -p pgcensus | sed 's/.*-F \\([^ ]*\\).*/\\1/') pgcensus --dead check;"
        ' echo "${COMPREPLY[*]}"'
    )
    assert "--deadline" in place.run("bash", "-c", f"cat {script} >/dev/null; {probe}")


# ---- exit codes ----


def test_exit_codes(pgcensus, two, fine, stage):
    standby = stage.fake(fake.polite, in_hot_standby="on")
    warn = [standby.node("a", expect_role="primary")]
    assert pgcensus("check", config=fine).code == 0
    assert pgcensus("check", config=warn).code == 1
    assert pgcensus("check", config=two).code == 2
    assert pgcensus("check", config=two + warn).code == 2
    assert pgcensus("check", config="/nowhere.yaml").code == 3


@pytest.mark.parametrize("policy, code", [("down", 2), ("never", 0), ("warn", 2)])
def test_fail_on_changes_the_mapping(pgcensus, two, policy, code):
    assert pgcensus("check", "--fail-on", policy, config=two).code == code


@pytest.mark.parametrize("policy, code", [("down", 0), ("never", 0), ("warn", 1)])
def test_fail_on_decides_about_warnings(pgcensus, stage, policy, code):
    standby = stage.fake(fake.polite, in_hot_standby="on")
    nodes = [standby.node("a", expect_role="primary")]
    assert pgcensus("check", "--fail-on", policy, config=nodes).code == code


@pytest.mark.parametrize("share, code", [("1", 0), ("2", 2), ("50%", 0), ("60%", 2)])
def test_min_ok(pgcensus, two, share, code):
    assert pgcensus("check", "--min-ok", share, config=two).code == code


# ---- selection ----


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
        f"postgres://u:{CANARY}@wrd@host:54a32/d",
        f"host=127.0.0.1 password={CANARY} {CANARY}",
        f"postgres://u:{CANARY}%zz@127.0.0.1/d",
    ],
)
def test_a_password_in_a_url_is_refused_and_not_repeated(pgcensus, url):
    run = pgcensus("check", "--url", url)
    assert (run.code, run.text) == (3, "")
    assert "password" in run.errors


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


# ---- streams ----


def test_data_is_on_stdout_and_messages_on_stderr(pgcensus, two):
    run = pgcensus("check", "--json", config=two)
    assert run.text.lstrip().startswith("{")
    assert run.text.endswith("\n")
    table = pgcensus("check", config=two)
    assert "pg-a" in table.text and "pg-c" in table.text
    assert re.search(r"2 nodes: 1 ok, 1 down", table.text)


def test_no_colour_and_no_cutting_when_not_a_terminal(pgcensus, two):
    run = pgcensus("check", config=two)
    assert "\x1b" not in run.text
    assert f"127.0.0.1:{two[1]['port']}" in run.text


def test_one_cause_on_many_nodes_is_one_line(pgcensus, stage):
    refuser = Refuser()
    nodes = [refuser.node(f"pg-{i:04}") for i in range(412, 449)]
    run = pgcensus("check", "--csv", config=nodes)
    refuser.close()
    (line,) = run.errors.splitlines()
    assert line == "pgcensus: 37 nodes: connection refused: pg-[0412-0448]"


def test_quiet_says_nothing_when_all_is_ok(pgcensus, fine):
    run = pgcensus("check", "-q", config=fine)
    assert (run.code, run.text, run.errors) == (0, "", "")


def test_quiet_still_shows_problems(pgcensus, two):
    run = pgcensus("check", "--quiet", config=two)
    assert run.code == 2
    assert "pg-c" in run.text + run.errors
    assert "pg-a" not in run.text


def test_state_is_a_word_and_a_shape(pgcensus, two):
    unicode, ascii = (pgcensus("check", *a, config=two).text for a in ([], ["--ascii"]))
    assert "✓" in unicode and "✗" in unicode
    assert ascii.isascii()
    for text in unicode, ascii:
        assert re.search(r"pg-a .*ok", text) and re.search(r"pg-c .*down", text)


def test_json_is_utf8_whatever_the_locale(pgcensus, stage):
    nodes = [stage.fake(fake.polite).node("a", dbname="bücher")]
    run = pgcensus("check", "--json", config=nodes, env={"LC_ALL": "C"})
    assert run.node("a")["dbname"] == "bücher"


# ---- the other commands ----


def test_nodes_connects_to_nobody(pgcensus, stage):
    server = stage.fake(fake.polite)
    nodes = [server.node("a", group="g", labels=["dc=fra"]), server.node("b")]
    run = pgcensus("nodes", "--json", config=nodes)
    assert run.doc["schema"] == "pgcensus.nodes/1"
    first = run.doc["nodes"][0]
    assert first == {
        "node": "a",
        "group": "g",
        "labels": {"dc": "fra"},
        "host": "127.0.0.1",
        "port": server.port,
        "dbname": "postgres",
        "user": first["user"],
        "enabled": True,
    }
    assert server.count("connected") == 0


def test_csv_of_check(pgcensus, two):
    import csv

    run = pgcensus("check", "--csv", config=two)
    rows = list(csv.DictReader(run.lines))
    assert run.lines[0] == (
        "node,group,host,port,status,role,latency_ms,error_class,message"
    )
    assert [row["status"] for row in rows] == ["ok", "down"]
    assert (rows[0]["role"], rows[1]["error_class"]) == ("primary", "refused")
    assert run.out.count(b"\r\n") == 3  # RFC 4180


def test_ndjson_of_check(pgcensus, two):
    import json

    run = pgcensus("check", "--ndjson", config=two)
    *nodes, last = map(json.loads, run.lines)
    assert {node["node"] for node in nodes} == {"pg-a", "pg-c"}
    assert last["summary"]["nodes"] == 2


def test_ndjson_comes_as_nodes_finish(pgcensus, stage):
    """The first line is out while another node is still silent."""
    import json
    import os

    silent = stage.fake(fake.silent)
    nodes = [silent.node("slow"), stage.fake(fake.polite).node("fast")]
    ours, theirs = os.pipe()
    running = pgcensus.start(
        *["check", "--ndjson", "-T", "20s"], config=nodes, stdout=theirs
    )
    os.close(theirs)
    with os.fdopen(ours) as stream:
        assert json.loads(stream.readline())["node"] == "fast"
        stage.do(_close_all(silent))
        rest = [json.loads(line) for line in stream]
    assert rest[0]["node"] == "slow" and "summary" in rest[1]
    assert running.end(10).code == 2


async def _close_all(fake):
    import asyncio

    for task in asyncio.all_tasks():
        if "_serve" in repr(task.get_coro()):
            task.cancel()

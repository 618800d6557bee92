"""The command line: what a user types, what comes back, where, and with which exit
code.  interface: sections 1 and 2."""

import os
import re

import fake
import pytest
from judge import CANARY
from stage import Refuser


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


def test_help_of_query_speaks_of_rows(pgcensus):
    text = " ".join(pgcensus("query", "--help").text.split())
    for words in "each row as a block", "per node or row", "have answered", "is NULL":
        assert words in text
    assert "check: every node, also when" in text


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version(pgcensus, option):
    run = pgcensus(option)
    assert run.code == 0
    assert re.fullmatch(r"pgcensus \d+\.\d+\.\d+", run.lines[0])
    for part in "libpq", "libcyaml", "OpenSSL", "utf8proc", "SQLite":
        assert run.text.count(part) == 1 or part == "libpq"


@pytest.mark.parametrize(
    "argv, meant",
    [
        (("-C", "x.yaml", "check"), "pgcensus check -C FILE\n"),
        (("--config=x.yaml", "check"), "pgcensus check --config FILE\n"),
        (("--json", "check"), "pgcensus check --json\n"),
        (("-x", "check"), "pgcensus check -x\n"),
    ],
)
def test_options_stand_behind_the_command(pgcensus, argv, meant):
    run = pgcensus(*argv)
    assert (run.code, run.text) == (3, "")
    assert f"options stand behind the command: {meant}" in run.errors


ASKING = "--timeout --deadline --jobs --warning --role --facts --state-file".split()


@pytest.mark.parametrize(
    "command, unlisted", [("config", ASKING), ("nodes", ASKING[-3:])]
)
def test_help_lists_what_means_something(pgcensus, command, unlisted):
    text = pgcensus(command, "--help").text
    for option in ASKING:
        listed = bool(re.search(rf"^ .*{option} [A-Z]", text, re.MULTILINE))
        assert listed == (option not in unlisted)
        completed = f"{command}:{option})" in pgcensus("completion", "bash").text
        assert completed == listed
    assert f"{command}:--node)" in pgcensus("completion", "bash").text


def test_nodes_takes_a_command_line_of_check(pgcensus, fine):
    argv = "nodes", "-T", "5s", "--deadline=1m", "-j", "3", "--role", "primary"
    limits = "--warning", "latency=1s", "--critical=uptime=1m:", "--require=primaries=1"
    run = pgcensus(*argv, *limits, config=fine)
    assert run.code == 0 and fine[0]["name"] in run.text


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
        ("check", "--require", "primaries"),
        ("check", "--require", "primary=1"),
        ("check", "--require", "standbys=-1"),
        ("check", "--require", "min_healthy=1.5"),
        ("query", "SELECT 1", "--warning", "latency=1s"),
        ("check", "surplus"),
        ("completion",),
        ("completion", "tcsh"),
        ("config",),
        ("config", "check", "--csv"),
        ("config", "example", "--csv"),
        ("check", "--output="),
        ("check", "-o", ""),
        ("check", "-x=sideways"),
    ],
)
def test_usage_errors_are_exit_3(pgcensus, argv):
    run = pgcensus(*argv)
    assert (run.code, run.text) == (3, "")
    assert run.errors.startswith("pgcensus: "), run


@pytest.mark.parametrize(
    "argv, meant",
    [
        (("check", "-h", "127.0.0.1", "-p", "5432"), "--url host=127.0.0.1\n"),
        (("check", "-h127.0.0.1"), "--url host=127.0.0.1\n"),
        (("check", "-hlocalhost"), "--url host=localhost\n"),
        (("-h", "db1"), "--url host=db1\n"),
        (("query", "-h", "/var/run/postgresql", "select 1"), "host=/var/run/postgresql\n"),
        (("check", "-h", f"postgresql://u:{CANARY}@h"), "--url host=VALUE\n"),
        (("check", "--host", "db1"), "--url host=HOST"),
        (("check", "-p", "5433"), "--set port=PORT"),
        (("nodes", "-U", "me"), "--set user=NAME"),
        (("query", "-d", "app", "select 1"), "--set dbname=NAME"),
        (("config", "check", "--dbname=app"), "--set dbname=NAME"),
    ],
)
def test_fingers_of_psql_are_told_how_it_is_done_here(pgcensus, argv, meant):
    """And -h HOST is no success of anything."""
    run = pgcensus(*argv)
    assert (run.code, run.text) == (3, "") and meant in run.errors


@pytest.mark.parametrize(
    "argv", [("check", "-h"), ("check", "-h", "-q"), ("check", "-?"), ("-h",), ("-h", "check")]
)
def test_help_by_its_letter_stays_help(pgcensus, argv):
    run = pgcensus(*argv)
    assert run.code == 0 and "Usage: pgcensus" in run.text and run.errors == ""


@pytest.mark.parametrize("form", ["json", "csv", "JSON", "nagios"])
def test_output_into_a_file_called_json_is_warned_of(pgcensus, fine, tmp_path, form):
    """The fingers of kubectl: -o json."""
    run = pgcensus("check", "-o", form, config=fine, cwd=tmp_path, expect=[])
    assert run.code == 0 and f"--format {form}" in run.errors
    assert (tmp_path / form).read_text().startswith("   NODE")


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
    os.chmod(pgcensus.home, 0o755)
    os.chmod(script, 0o644)
    probe = f"""
        source {script}
        COMP_WORDS=(pgcensus check --dead) COMP_CWORD=2
        function=$(complete -p pgcensus | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        $function pgcensus --dead check
        echo "${{COMPREPLY[*]}}"
    """
    assert "--deadline" in place.run("bash", "-c", probe)


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


def test_quiet_says_nothing_when_the_rule_is_satisfied(pgcensus, two, stage):
    run = pgcensus("check", "-q", "--min-ok", "1", config=two)
    assert (run.code, run.text, run.errors) == (0, "", "")
    assert "pg-c" in pgcensus("check", "-q", "--min-ok", "2", config=two).text
    standby = stage.fake(fake.polite, in_hot_standby="on")
    nodes = [standby.node("a", expect_role="primary")]
    run = pgcensus("check", "-q", "--fail-on", "down", config=nodes)
    assert (run.code, run.text, run.errors) == (0, "", "")
    assert "expected primary" in pgcensus("check", "-q", config=nodes).text


@pytest.mark.parametrize("form", ["json", "ndjson", "csv"])
def test_quiet_leaves_nothing_out_of_documents(pgcensus, two, fine, form):
    for nodes in two, fine:
        run = pgcensus("check", "-q", "--format", form, config=nodes)
        assert all(node["name"] in run.text for node in nodes)
        assert run.errors == ""


def test_expanded_takes_its_value_behind_an_equals_sign(pgcensus, fine):
    on, off = (pgcensus("check", f"-x={when}", config=fine) for when in ("on", "off"))
    assert "RECORD 1" in on.text and "RECORD 1" not in off.text


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

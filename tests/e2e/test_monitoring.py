"""What Nagios, Icinga and Prometheus get.  judge.py reads every plugin's output and
every exposition; promtool, where it is, reads the latter as Prometheus does."""

import os
import stat
import time

import exposition
import fake
import perfdata
import pytest
from stage import Refuser

METRICS = set(
    "latency lag_bytes lag_seconds connections clock_offset slot_retained cert_expiry"
    " uptime".split()
)


@pytest.fixture(scope="module")
def nodes(primary, standby):
    refuser = Refuser()
    yield [
        primary.node("pg-a", group="orders"),
        standby.node("pg-b", group="orders"),
        refuser.node("pg-c"),
        refuser.node("pg-d", enabled=False),
    ]
    refuser.close()


def nagios(pgcensus, *argv, **kinds):
    run = pgcensus("check", "--format", "nagios", *argv, **kinds)
    return perfdata.parse(run.text)


def prometheus(pgcensus, *argv, **kinds):
    run = pgcensus("check", "-q", "--format", "prometheus", *argv, **kinds)
    return exposition.parse(run.text)


# ---- nagios ----


def test_a_plugin_of_real_servers(pgcensus, nodes):
    plugin = nagios(pgcensus, config=nodes)
    assert plugin.word == "CRITICAL"
    assert plugin.text == "2/3 ok, 1 disabled, pg-c: connection refused"
    (line,) = plugin.lines
    assert line.startswith("pg-c down: connection refused (127.0.0.1:")
    counts = {label: plugin.data[label].value for label in ("ok", "warn", "down")}
    assert counts == {"ok": 2, "warn": 0, "down": 1}
    assert plugin.data["ok"].most == "3"


def test_metrics_of_real_servers(pgcensus, nodes):
    data = nagios(pgcensus, config=nodes).data
    latency = data["pg-a latency"]
    assert 0 < latency.value < 30 and latency.unit == "s"
    assert "pg-c latency" not in data and "pg-d latency" not in data
    for label in data.keys() - {"ok", "warn", "down", "unknown"}:
        node, metric = label.split(" ")
        assert node in ("pg-a", "pg-b") and metric in METRICS, label


@pytest.mark.parametrize(
    "argv, word",
    [
        ((), "CRITICAL"),
        (("-n", "pg-a"), "OK"),
        (("-n", "pg-d"), "UNKNOWN"),
        (("--fail-on", "never"), "OK"),
        (("--min-ok", "2"), "OK"),
        (("--min-ok", "3"), "CRITICAL"),
        (("-n", "pg-b", "--set", "expect_role=primary"), "WARNING"),
    ],
)
def test_the_word_is_the_exit_status(pgcensus, nodes, argv, word):
    assert nagios(pgcensus, *argv, config=nodes).word == word


def test_all_is_well_in_one_line(pgcensus, fine):
    plugin = nagios(pgcensus, "-q", config=fine)
    assert (plugin.word, plugin.text, plugin.lines) == ("OK", "1/1 ok", [])


@pytest.mark.parametrize(
    "argv, reason",
    [
        (("-C", "/nowhere.yaml"), "/nowhere.yaml: error: cannot be opened"),
        (("-n", "nobody"), 'no node is named "nobody"'),
        (("--bogus",), "unknown option --bogus"),
        (("--role", "standby"), "no selected node is a standby"),
        (("--timeout", "5"), "--timeout: 5 needs a unit"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_run_that_cannot_be_done_is_unknown(pgcensus, fine, argv, reason):
    """And says why in the only place that a monitor looks at."""
    config = None if "-C" in argv else fine
    plugin = nagios(pgcensus, *argv, config=config)
    assert (plugin.word, plugin.lines, plugin.data) == ("UNKNOWN", [], {})
    assert plugin.text.startswith(reason)


def test_the_first_mistake_of_a_configuration_is_named(pgcensus):
    path = pgcensus.path("nodes.yaml", "nodes:\n  - {name: a, prot: 1, hots: b}\n")
    plugin = nagios(pgcensus, config=path)
    assert ":2:" in plugin.text and "prot" in plugin.text
    assert plugin.text.endswith("(and 1 more)")


def test_a_warning_about_a_configuration_is_not_the_first_line(pgcensus, fine):
    """Icinga would show it instead of ours; judge.py finds stderr empty."""
    open_to_all = {"PGPASSFILE": pgcensus.path("pgpass", "*:*:*:*:x\n", mode=0o644)}
    told = pgcensus("check", "--csv", config=fine, env=open_to_all)
    assert "pgpass" in told.errors
    assert nagios(pgcensus, config=fine, env=open_to_all).word == "OK"


@pytest.mark.parametrize("n", [20, 100, 400])
def test_many_nodes_fit_what_nagios_reads(pgcensus, stage, n):
    polite, refuser = stage.fake(fake.polite), Refuser()
    nodes = [polite.node(f"pg-{i:03}") for i in range(n)]
    nodes += [refuser.node(f"dead-{i:03}-{i % 7}") for i in range(n)]
    data = nagios(pgcensus, config=nodes).data
    refuser.close()
    assert data["ok"].value == data["down"].value == n
    known = [label for label in data if label.endswith(" latency")]
    assert len(known) in (0, n)
    assert bool(known) == (n == 20)


# ---- prometheus ----


def test_metrics_are_what_promtool_wants(pgcensus, nodes, promtool):
    run = pgcensus("check", "--format", "prometheus", config=nodes)
    assert run.code == 2
    assert promtool(run.text) == ""


def test_hostile_servers_cannot_break_the_file(pgcensus, stage, promtool):
    escapes = stage.fake(fake.polite, server_version=fake.ESCAPES + b'"\\x"\n')
    nodes = [escapes.node("version", group='g"\\\n{}'), escapes.node("b", dbname='"\\')]
    run = pgcensus("check", "--format", "prometheus", config=nodes)
    assert promtool(run.text) == ""


def test_promtool_would_complain(promtool):
    assert promtool("# TYPE pgcensus_total gauge\npgcensus_total 1\n")


def test_metrics_of_a_round(pgcensus, nodes):
    metrics = prometheus(pgcensus, config=nodes)
    up = {name: metrics.find("pgcensus_up", node=name) for name in "pg-a pg-b pg-c".split()}
    assert up == {"pg-a": 1, "pg-b": 1, "pg-c": 0}
    assert metrics.find("pgcensus_up", node="pg-a", group="orders") == 1
    assert metrics.find("pgcensus_node_status", node="pg-c", status="down") == 1
    assert metrics.find("pgcensus_node_info", node="pg-b", role="standby") == 1
    assert metrics.find("pgcensus_check_failures", node="pg-c", reason="refused") == 1
    phases = metrics.all("pgcensus_check_duration_seconds")
    assert 0 < phases[("node", "pg-a"), ("phase", "query")] < 30
    assert metrics.find("pgcensus_exit_code") == 2
    counts = {dict(k)["status"]: v for k, v in metrics.all("pgcensus_nodes").items()}
    assert counts == {"ok": 2, "warn": 0, "down": 1, "unknown": 0, "disabled": 1}
    checked = metrics.find("pgcensus_last_check_timestamp_seconds", node="pg-a")
    assert abs(checked - time.time()) < 60


def test_the_exit_code_that_never_hides(pgcensus, nodes):
    """The recipe says --fail-on never, and an alert on this gauge must fire."""
    argv = "check", "--format", "prometheus", "--fail-on", "never"
    run = pgcensus(*argv, config=nodes)
    assert run.code == 0
    assert exposition.parse(run.text).find("pgcensus_exit_code") == 2
    run = pgcensus(*argv, config=nodes[:2])
    assert exposition.parse(run.text).find("pgcensus_exit_code") == 0


def test_labels_of_nodes_are_labels(pgcensus, primary, promtool):
    """Three keys that become one, too."""
    labels = ["dc=fra", "a-b=one", "a.b=two", "a_b__2=three"]
    run = pgcensus(
        *["check", "--format", "prometheus"], config=[primary.node("n", labels=labels)]
    )
    assert promtool(run.text) == ""
    info = {"label_dc": "fra", "label_a_b": "one", "label_a_b__2": "two"}
    info["label_a_b__2__2"] = "three"
    assert exposition.parse(run.text).find("pgcensus_node_info", **info) == 1, run


def test_what_is_not_known_has_no_sample(pgcensus, stage):
    """Not begun before the deadline is not down."""
    silent = stage.fake(fake.silent)
    nodes = [silent.node("asked"), silent.node("not-begun"), silent.node("off", enabled=False)]
    argv = "-j", "1", "-T", "30s", "--deadline", "500ms"
    metrics = prometheus(pgcensus, *argv, config=nodes)
    assert metrics.find("pgcensus_up", node="asked") == 0
    for name in "not-begun", "off":
        assert metrics.find("pgcensus_up", node=name) is None
        assert metrics.find("pgcensus_last_check_timestamp_seconds", node=name) is None
    assert metrics.find("pgcensus_node_status", node="not-begun", status="unknown") == 1
    assert metrics.find("pgcensus_node_status", node="off", status="disabled") == 1


@pytest.mark.parametrize("argv", [("-n", "nobody"), ("--bogus",), ("-C", "/nowhere")])
def test_a_run_that_cannot_be_done_keeps_the_old_file(pgcensus, fine, argv):
    path = pgcensus.path("pgcensus.prom", "old 1\n")
    config = None if "-C" in argv else fine
    argv = "check", "--format", "prometheus", "-o", path, *argv
    run = pgcensus(*argv, config=config)
    assert (run.code, run.text) == (3, "")
    assert run.errors
    assert open(path).read() == "old 1\n"
    assert not [f for f in os.listdir(pgcensus.home) if "pgcensus.prom.tmp" in f]


@pytest.mark.parametrize("umask, mode", [(0o022, 0o644), (0o077, 0o600)])
def test_the_collector_can_read_the_file(pgcensus, fine, umask, mode):
    path = pgcensus.path("pgcensus.prom")
    os.remove(path)
    prefix = ["sh", "-c", f'umask {umask:o}; exec "$@"', "sh"]
    argv = "check", "--format", "prometheus", "-o", path
    assert pgcensus(*argv, config=fine, prefix=prefix).code == 0
    assert stat.S_IMODE(os.stat(path).st_mode) == mode
    os.chmod(path, 0o640)  # and who has set one keeps it
    assert pgcensus(*argv, config=fine, prefix=prefix).code == 0
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o640
    exposition.parse(open(path).read())


# ---- for check alone ----


@pytest.mark.parametrize("form", ["nagios", "prometheus"])
@pytest.mark.parametrize("words", [("query", "select 1"), ("nodes",), ("config", "show")])
def test_other_commands_refuse(pgcensus, fine, form, words):
    run = pgcensus(*words, "--format", form, config=fine)
    assert (run.code, run.text) == (3, "")
    assert f"only check can write {form}" in run.errors
    assert form not in pgcensus(words[0], "--help").text
    assert form in pgcensus("check", "--help").text


# ---- the readers of these tests ----


@pytest.mark.parametrize(
    "output",
    [
        "CRITICAL - no name\n",
        "PGCENSUS FINE - ok | ok=1\n",
        "PGCENSUS OK - ok | ok=1",
        "PGCENSUS OK - ok | ok=1 ok=2\n",
        "PGCENSUS OK - ok | ok=1ms\n",
        "PGCENSUS OK - ok | ok=1e5\n",
        "PGCENSUS OK - ok | ok=1;x\n",
        "PGCENSUS OK - ok | ok=1;;;2\n",
        "PGCENSUS OK - ok | ok=1;;;0;0\n",
        "PGCENSUS OK - ok | a b=1\n",
        "PGCENSUS OK - ok | 'a'b'=1\n",
        "PGCENSUS OK - a | b | ok=1\n",
        "PGCENSUS OK - ok | ok=1\na | b=2\n",
    ],
)
def test_the_reader_of_plugins_is_strict(output):
    perfdata.parse("PGCENSUS OK - ok | 'it''s a'=1.5s;@1:2;~:3;0;4 b=-2%\nmore\n")
    with pytest.raises(AssertionError):
        perfdata.parse(output)


@pytest.mark.parametrize(
    "line", ["a 1", "b{x=1} 1", 'b{x="\\x"} 1', 'b{x="1" 1', "b NaN", 'b{x="1"} 2', "b"]
)
def test_the_reader_of_metrics_is_strict(line):
    head = '# HELP b it is\n# TYPE b gauge\nb{x="1"} 1\n'
    exposition.parse(head)
    with pytest.raises(AssertionError):
        exposition.parse(f"{head}{line}\n")

"""Where a configuration is found, what its mistakes look like, and what in the
environment may not matter.  interface: section 3; fault 33."""

import os
import re

import fake
import pytest
from judge import CANARY
from run import yaml

# ---- search ----


@pytest.fixture
def homes(pgcensus, place):
    """An own home and XDG directory per test."""

    class Homes:
        def __init__(self):
            self.root = pgcensus.path("home")
            os.remove(self.root)
            os.makedirs(self.root)

        def write(self, path, nodes):
            path = os.path.join(self.root, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(yaml(nodes))
            return path

        def names(self, *argv, **env):
            env = {"HOME": self.root, **env}
            run = pgcensus("nodes", "--json", *argv, env=env, cwd=self.root)
            return [node["node"] for node in run.doc["nodes"]]

    return Homes()


def node(name):
    return [{"name": name, "host": "127.0.0.1"}]


def test_search_order(homes):
    at_home = homes.write(".config/pgcensus/config.yaml", node("home"))
    assert at_home
    assert homes.names() == ["home"]
    homes.write("xdg/pgcensus/config.yaml", node("xdg"))
    xdg = {"XDG_CONFIG_HOME": os.path.join(homes.root, "xdg")}
    assert homes.names(**xdg) == ["xdg"]
    by_variable = homes.write("variable.yaml", node("variable"))
    both = {**xdg, "PGCENSUS_CONFIG": by_variable}
    assert homes.names(**both) == ["variable"]
    by_option = homes.write("option.yaml", node("option"))
    assert homes.names("--config", by_option, **both) == ["option"]
    assert homes.names("-C", by_option, **both) == ["option"]


def test_the_working_directory_is_never_searched(pgcensus, homes):
    homes.write("config.yaml", node("trap"))
    homes.write("pgcensus.yaml", node("trap"))
    run = pgcensus("nodes", env={"HOME": homes.root}, cwd=homes.root)
    assert run.code == 3
    assert "trap" not in run.text + run.errors


def test_a_named_file_that_is_missing_is_an_error(pgcensus, homes):
    at_home = homes.write(".config/pgcensus/config.yaml", node("home"))
    assert at_home
    env = {"HOME": homes.root, "PGCENSUS_CONFIG": "/nowhere.yaml"}
    run = pgcensus("nodes", env=env)
    assert run.code == 3
    assert "/nowhere.yaml" in run.errors


# ---- the longest timeout ----


@pytest.mark.parametrize("form", ["--csv", "--json"])
def test_a_server_takes_the_longest_timeout(pgcensus, primary, form):
    """A statement_timeout of 24.9 days is one that it does not take."""
    nodes = [primary.node("pg-a")]
    for argv in ("--set", "query_timeout=24d"), ("-T", "24d"):
        assert pgcensus("query", form, "select 1", *argv, config=nodes).code == 0
        assert pgcensus("check", form, *argv, config=nodes).code == 0
    nodes[0]["query_timeout"] = "25d"
    run = pgcensus("query", form, "select 1", config=nodes, expect=[])
    assert run.code == 3 and '"25d" is out of range (1ms to 24d)' in run.errors
    assert re.search(r"nodes.yaml:2:\d+: error: query_timeout: .*\n.*\n +\| +\^", run.errors)


# ---- all mistakes at once ----


def test_all_mistakes_are_shown_with_line_column_and_suggestion(pgcensus):
    words = """nodes:
  - name: pg-a
    host: 10.0.0.11
    prot: 5432
  - name: pg-b
    host: 10.0.0.12
    sslmode: verify_full
    connect_timeout: 5
    port: 5432
    port: 5433
"""
    path = pgcensus.path("typos.yaml", words)
    run = pgcensus("config", "check", config=path)
    assert run.code == 3
    shown = run.text + run.errors
    assert f'{path}:4:5: error: unknown key "prot" (did you mean "port"?)' in shown
    assert "     4 |     prot: 5432\n       |     ^" in shown
    assert f"{path}:7:" in shown and f"{path}:8:" in shown
    assert 'duplicate key "port" (first given on line 9)' in shown


MISTAKES = {
    "empty file": "",
    "only a comment": "# nothing\n",
    "no nodes": "nodes: []\n",
    "nodes is a mapping": "nodes: {a: b}\n",
    "second document": "nodes:\n  - {name: a, host: h}\n---\nnodes: []\n",
    "port with junk": "nodes:\n  - {name: a, host: h, port: 5432x}\n",
    "octal port": "nodes:\n  - {name: a, host: h, port: 0o777}\n",
    "hexadecimal port": "nodes:\n  - {name: a, host: h, port: 0x10}\n",
    "negative port": "nodes:\n  - {name: a, host: h, port: -1}\n",
    "port out of range": "nodes:\n  - {name: a, host: h, port: 65536}\n",
    "a boolean that is none": "nodes:\n  - {name: a, host: h, enabled: flase}\n",
    "a number without unit": "nodes:\n  - {name: a, host: h, connect_timeout: 5}\n",
    "a NUL": 'nodes:\n  - {name: a, host: "h\\0x"}\n',
    "merge key": "d: &d {host: h}\nnodes:\n  - {name: a, <<: *d}\n",
    "alias": "nodes:\n  - &a {name: a, host: h}\n  - *a\n",
    "several hosts": "nodes:\n  - {name: a, host: 'h1,h2'}\n",
    "bad name": "nodes:\n  - {name: -a, host: h}\n",
    "name with a space": "nodes:\n  - {name: 'a b', host: h}\n",
    "unknown group": "groups:\n  - name: g\nnodes:\n  - {name: a, host: h, group: k}\n",
    "unset variable": "nodes:\n  - {name: a, host: '${NO_SUCH_VARIABLE}'}\n",
    "target_session_attrs": "nodes:\n"
    "  - {name: a, host: h, target_session_attrs: primary}\n",
    "not YAML": "nodes: [\n",
    "tabs": "nodes:\n\t- name: a\n",
    "invalid UTF-8 escape": b"nodes:\n  - {name: a, host: '\xff\xfe'}\n",
    "missing name": "nodes:\n  - {host: h}\n",
    "unknown version": "version: 9\nnodes:\n  - {name: a, host: h}\n",
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_refused_with_a_line(pgcensus, mistake):
    words = MISTAKES[mistake]
    path = pgcensus.path("mistake.yaml")
    with open(path, "wb") as file:
        file.write(words if isinstance(words, bytes) else words.encode())
    for command in ("config", "check"), ("check",), ("nodes",):
        run = pgcensus(*command, config=path)
        assert run.code == 3, run
        assert f"{path}:" in run.text + run.errors, run
        assert "error" in run.text + run.errors


def test_duplicate_names_show_both_lines(pgcensus):
    path = pgcensus.config([*node("same"), *node("same")])
    run = pgcensus("config", "check", config=path)
    assert run.code == 3
    shown = run.text + run.errors
    assert f"{path}:3:" in shown and "line 2" in shown


@pytest.mark.parametrize("name", ["a", "A9", "pg-a.b_c", "0", "x" * 60])
def test_names_that_are_fine(pgcensus, name):
    assert pgcensus("config", "check", config=node(name)).code == 0


@pytest.mark.parametrize("name", ["", ".a", "_a", "a/b", "ä", "a b", "a\tb", "a,b"])
def test_names_that_are_not(pgcensus, name):
    assert pgcensus("config", "check", config=node(name)).code == 3


def test_at_most_fifty_errors(pgcensus):
    nodes = [{"name": f"n{i}", "host": "h", "prot": 1} for i in range(80)]
    run = pgcensus("config", "check", config=nodes)
    shown = run.text + run.errors
    assert shown.count("error: unknown key") == 50
    assert "30 more" in shown


def test_a_sound_configuration(pgcensus):
    run = pgcensus("config", "check", config=node("a"))
    assert run.code == 0


def test_example_passes_its_own_check(pgcensus):
    example = pgcensus("config", "example")
    assert example.code == 0
    path = pgcensus.path("example.yaml", example.text)
    env = {"PGCENSUS_PW": "x"}
    run = pgcensus("config", "check", config=path, env=env)
    assert run.code == 0, run


@pytest.mark.parametrize("which", ["minimal", "full", "tls"])
def test_files_in_config_are_sound(pgcensus, source, which):
    import glob
    import shutil

    files = glob.glob(f"{source}/config/*.yaml")
    assert len(files) >= 3
    for file in files:
        if which in file or which == "full":
            path = pgcensus.path("copy.yaml")
            shutil.copy(file, path)
            env = {"PGCENSUS_PW": "x"}
            assert pgcensus("config", "check", config=path, env=env).code == 0


# ---- inheritance and origins ----


LAYERS = """
defaults: {dbname: from_defaults, user: from_defaults, connect_timeout: 7s}
groups:
  - name: g
    defaults: {dbname: from_group}
nodes:
  - {name: inherits, host: h, group: g}
  - {name: decides, host: h, group: g, dbname: own, user: own}
"""


def test_node_beats_group_beats_defaults(pgcensus):
    path = pgcensus.path("layers.yaml", LAYERS)
    run = pgcensus("nodes", "--json", config=path)
    one, two = run.doc["nodes"]
    assert (one["dbname"], one["user"]) == ("from_group", "from_defaults")
    assert (two["dbname"], two["user"]) == ("own", "own")


def test_show_says_where_values_come_from_and_masks_secrets(pgcensus):
    path = pgcensus.path("layers.yaml", LAYERS + f"    password: {CANARY}\n")
    text = LAYERS.replace("user: own}", f"user: own, password: {CANARY}}}")
    path = pgcensus.path("layers.yaml", text)
    run = pgcensus("config", "show", config=path)
    assert run.code == 0
    assert "***" in run.text
    for origin in "defaults", "group g", "built-in":
        assert origin in run.text, origin


# ---- thresholds ----


METRICS = {
    "latency": ("200ms", "1s"),
    "lag_bytes": ("16MB", "100MB"),
    "lag_seconds": ("30s", "5m"),
    "connections": ("80%", "95%"),
    "clock_offset": ("0:1s", "~:10s"),
    "slot_retained": ("1GB", "@10GB:20GB"),
    "cert_expiry": ("30d:", "-1d:"),
    "uptime": ("10m:", "1m:"),
}


def shown(run):
    (node,) = run.doc["nodes"]
    return {s["key"]: (s["value"], s["origin"]) for s in node["settings"]}


def test_thresholds_of_all_metrics(pgcensus):
    limits = {m: {"warn": w, "critical": c} for m, (w, c) in METRICS.items()}
    path = pgcensus.config(node("a"), defaults={"thresholds": limits})
    run = pgcensus("config", "show", "--json", config=path)
    assert (run.code, run.errors) == (0, "")
    settings = shown(run)
    for metric, (warn, critical) in METRICS.items():
        assert settings[f"thresholds.{metric}.warn"] == (warn, "defaults")
        assert settings[f"thresholds.{metric}.critical"] == (critical, "defaults")


def test_thresholds_of_the_command_line_are_strongest(pgcensus):
    limits = {"latency": {"warn": "1s", "critical": "2s"}}
    path = pgcensus.config([{**node("a")[0], "thresholds": limits}])
    given = ["--set", "thresholds.latency.warn=3s", "--critical", "latency=9s"]
    given += ["--warning", "latency=4s", "--warning=latency=5s"]
    settings = shown(pgcensus("config", "show", "--json", *given, config=path))
    assert settings["thresholds.latency.warn"] == ("5s", "--warning")
    assert settings["thresholds.latency.critical"] == ("9s", "--critical")


# What is wrong, and what would be right.
BAD_RANGES = {
    "latency=200": "200 needs a unit: 200ms",
    "latency=5s:1s": "write 1s:5s",
    "latency=-5s:5s": "below 0",
    "latency=16MB": "units are us, ms",
    "latency=": "is empty",
    "latency": "METRIC=RANGE",
    "lag_bytes=1kB:16": "16 needs a unit: 16kB",
    "connections=101%": "too large",
    "connections=80": "80 needs a unit: 80%",
    "uptime=:10m": "not a range",
    "cert_expiry=-1d": "write ~:-1d",
    "lagbytes=1MB": "metrics are latency",
}


@pytest.mark.parametrize("option", ["--warning", "--critical"])
@pytest.mark.parametrize("given", BAD_RANGES)
def test_bad_ranges_are_refused(pgcensus, option, given):
    run = pgcensus("check", option, given, config=node("a"))
    assert run.code == 3
    assert f"{option} {given.split('=')[0]}: error: " in run.errors
    assert BAD_RANGES[given] in run.errors


def test_bad_ranges_are_refused_in_the_file(pgcensus):
    for given in BAD_RANGES:
        metric, _, words = given.partition("=")
        limits = {metric: {"warn": words}}
        nodes = [{**node("a")[0], "thresholds": limits}]
        run = pgcensus("config", "check", config=nodes)
        assert run.code == 3
        assert ":2:" in run.errors and ": error: " in run.errors


def test_thresholds_and_rules_need_no_warning_any_more(pgcensus):
    limits = {"lag_bytes": {"warn": "16MB"}}
    groups = [{"name": "g", "require": {"primaries": 1}, "thresholds": limits}]
    path = pgcensus.config([{**node("a")[0], "group": "g"}], groups=groups)
    run = pgcensus("config", "check", "-v", config=path)
    assert run.code == 0
    assert "judged" not in run.errors


def test_variables(pgcensus, stage):
    server = stage.fake(fake.asks_cleartext)
    nodes = [
        server.node("a", password="${SECRET}", dbname="${NAME:-fallback}", user="a$$b")
    ]
    run = pgcensus("check", "--json", config=nodes, env={"SECRET": CANARY})
    assert run.code == 0
    (startup,) = server.notes("startup")
    assert (startup["database"], startup["user"]) == ("fallback", "a$b")
    assert server.notes("password") == [CANARY.encode() + b"\0"]


def test_a_variable_is_a_value_and_never_yaml(pgcensus):
    trap = "h, port: 1}\n  - {name: smuggled, host: x"
    nodes = [{"name": "a", "host": "${TRAP}"}]
    run = pgcensus("nodes", "--json", config=nodes, env={"TRAP": trap})
    if run.code == 0:
        assert [n["node"] for n in run.doc["nodes"]] == ["a"]


def test_password_file(pgcensus, stage):
    server = stage.fake(fake.asks_cleartext)
    path = pgcensus.path("secret", "c4nary-from-a-file\n")
    run = pgcensus("check", config=[server.node("a", password_file=path)])
    assert run.code == 0
    assert server.notes("password") == [b"c4nary-from-a-file\0"]


def test_pgpass(pgcensus, stage):
    server = stage.fake(fake.asks_cleartext)
    path = pgcensus.path("pgpass", f"127.0.0.1:{server.port}:*:*:{CANARY}\n")
    run = pgcensus("check", config=[server.node("a")], env={"PGPASSFILE": path})
    assert run.code == 0
    assert server.notes("password") == [CANARY.encode() + b"\0"]


# ---- fault 33: files that attack ----


def bomb():
    """Nine levels of nine aliases: a billion nodes."""
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    for one, two in zip("abcdefgh", "bcdefghi"):
        lines.append(f"{two}: &{two} [{','.join(['*' + one] * 9)}]")
    return "\n".join(lines) + "\nnodes: *i\n"


HOSTILE = {
    "alias bomb": bomb(),
    "100,000 levels": "nodes: " + "[" * 100_000 + "]" * 100_000,
    "200 kB of brackets": "[" * 200_000,
    "100,000 nested mappings": "nodes: " + "{a: " * 100_000,
    "a long line": "nodes: [" + "x" * 1_000_000,
    "20 MB": "nodes:\n" + "  - {name: a, host: h}\n" * 900_000,
}


@pytest.mark.alone
@pytest.mark.parametrize("attack", HOSTILE)
def test_hostile_files_are_refused_at_once(pgcensus, attack):
    path = pgcensus.path("hostile.yaml", HOSTILE[attack])
    idle = min(pgcensus("--version").seconds for _ in range(3))
    run = pgcensus("check", config=path)
    assert run.code == 3
    assert run.rss_kb < (300 if pgcensus.sanitized else 80) * 1024
    assert run.seconds - idle < (1 if pgcensus.sanitized else 0.1)


def test_a_fifo_is_refused(pgcensus):
    path = pgcensus.path("fifo")
    os.remove(path)
    os.mkfifo(path)
    run = pgcensus("check", config=path, within=5)
    assert run.code == 3
    assert "regular file" in run.errors


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/tmp", "/proc/self/mem"])
def test_what_is_no_file_is_refused(pgcensus, path):
    assert pgcensus("check", config=path, within=5).code == 3


def test_a_password_that_others_can_read_is_refused(pgcensus, stage):
    server = stage.fake(fake.polite)
    words = yaml([server.node("a", password=CANARY)])
    path = pgcensus.path("open.yaml", words, mode=0o644)
    run = pgcensus("check", config=path)
    assert run.code == 3
    assert "chmod" in run.errors or "permission" in run.errors
    assert server.count("connected") == 0


def test_a_configuration_without_secrets_may_be_read_by_all(pgcensus, stage):
    words = yaml([stage.fake(fake.polite).node("a")])
    assert pgcensus("check", config=pgcensus.path("a.yaml", words, 0o644)).code == 0


@pytest.mark.alone
def test_ten_thousand_nodes(pgcensus):
    # A sanitizer's realloc() always moves, which makes growing an array quadratic.
    n = 1_000 if pgcensus.sanitized else 10_000
    nodes = [{"name": f"pg-{i:05}", "host": f"10.1.{i // 250}.{i % 250}"}
             for i in range(n)]  # fmt: skip
    path = pgcensus.config(nodes)
    idle = min(pgcensus("--version").seconds for _ in range(3))
    run = pgcensus("config", "check", config=path)
    assert run.code == 0
    if not pgcensus.sanitized:
        assert run.seconds - idle <= 0.5  # the benchmark holds it to 150 ms
        assert run.rss_kb <= 40 * 1024


# ---- the environment ----


TRAPS = {
    "PGHOST": "192.0.2.1",
    "PGHOSTADDR": "192.0.2.1",
    "PGPORT": "1",
    "PGDATABASE": "trap",
    "PGSERVICE": "trap",
    "PGSERVICEFILE": "/nowhere",
    "PGOPTIONS": "-c trap=on",
    "PGSSLMODE": "disable",
    "PGTARGETSESSIONATTRS": "standby",
    "PGGSSENCMODE": "require",
}


def test_variables_that_would_redirect_every_node_are_ignored(pgcensus, stage):
    server = stage.fake(fake.polite)
    run = pgcensus("check", "--json", "-v", config=[server.node("a")], env=TRAPS)
    assert run.code == 0
    assert run.node("a")["hostaddr"] == "127.0.0.1"
    (startup,) = server.notes("startup")
    assert startup["database"] == "postgres"
    assert "trap" not in startup.get("options", "")
    assert server.count("tls requested") == 1  # PGSSLMODE did not weaken it
    for name in "PGHOSTADDR", "PGSSLMODE", "PGSERVICE":
        assert name in run.errors


def test_ignored_variables_are_not_mentioned_without_v(pgcensus, stage):
    nodes = [stage.fake(fake.polite).node("a")]
    assert pgcensus("check", config=nodes, env=TRAPS).errors == ""


def test_variables_that_are_defaults_of_lowest_rank(pgcensus, stage):
    server = stage.fake(fake.asks_cleartext)
    env = {"PGUSER": "from_env", "PGPASSWORD": CANARY, "PGAPPNAME": "app_from_env"}
    nodes = [server.node("a"), server.node("b", user="own", application_name="own")]
    run = pgcensus("check", config=nodes, env=env)
    assert run.code == 0
    startups = {p["user"]: p["application_name"] for p in server.notes("startup")}
    assert startups == {"from_env": "app_from_env", "own": "own"}

"""What config/monitoring/ offers works as it stands there, and README.md quotes it.

Only paths of this machine are put in: the program's, the configuration's, and those of
what is written."""

import glob
import os
import re
import shlex
import shutil
import subprocess

import exposition
import fake
import perfdata
import place as place_module
import pytest
from judge import CANARY

FENCE = re.compile(r"^```text\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Recipes:
    home, config = "/nonexistent", None

    def __init__(self, source, exe):
        self.source, self.exe = source, exe

    def text(self, name):
        with open(f"{self.source}/config/monitoring/{name}") as file:
            return file.read()

    def lines(self, name):
        """Without comments."""
        return [line for line in self.text(name).splitlines() if line[:1] not in "#-"]

    def run(self, command, shell, **paths):
        """As cron starts it: hardly an environment, no terminal."""
        command = command.replace("/usr/bin/pgcensus", self.exe)
        for was, now in paths.values():
            assert was in command
            command = command.replace(was, now)
        words = ["/bin/sh", "-c", command] if shell else shlex.split(command)
        return subprocess.run(
            words,
            env={
                "HOME": self.home,
                "LOGNAME": "pgcensus",
                "PATH": "/usr/bin:/bin",
                "SHELL": "/bin/sh",
                "PGCENSUS_CONFIG": self.config,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            text=True,
            timeout=60,
        )


@pytest.fixture
def recipes(source, exe):
    return Recipes(source, exe)


@pytest.fixture(scope="module")
def fleet(clusters):
    primary = clusters.new("recipe-p")
    return primary, clusters.standby("recipe-s", of=primary)


@pytest.fixture
def config(pgcensus, recipes, fleet):
    primary, standby = fleet
    nodes = [
        primary.node("pg-a", host=primary.home, group="orders", user="postgres"),
        standby.node("pg-b", host=standby.home, group="orders", user="postgres"),
    ]
    recipes.config = pgcensus.config(nodes)
    return nodes


def test_readme_quotes_the_files(source, recipes):
    with open(f"{source}/README.md") as file:
        readme = file.read()
    names = sorted(os.path.basename(p) for p in glob.glob(f"{source}/config/monitoring/*"))
    files = {name: recipes.text(name) for name in names}
    section = readme[readme.index("### For cron") : readme.index("## As a library")]
    sql = re.search(r"^```sql\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)[1]
    fences = [*FENCE.findall(section), sql]
    assert len(fences) == 4
    for fence in fences:
        assert any(fence in text for text in files.values()), fence


def test_the_role_sees_what_is_promised(pgcensus, recipes, fleet):
    primary, standby = fleet
    primary.sql(recipes.text("role.sql"))
    place_module.until(
        lambda: standby.sql("select count(*) from pg_roles where rolname = 'pgcensus'")
        == "1"
    )
    nodes = [
        server.node(name, host=server.home, user="pgcensus", group="orders")
        for name, server in (("pg-a", primary), ("pg-b", standby))
    ]
    run = pgcensus("check", "--json", config=nodes)
    assert run.code == 0, run
    for node in run.nodes.values():
        assert node["facts_reason"] is None, "nothing is hidden"
        assert node["facts"]["system_identifier"] and node["facts"]["timeline"] == 1
    assert run.node("pg-a")["facts"]["senders"][0]["state"] == "streaming"
    replication = run.node("pg-b")["facts"]["replication"]
    assert replication["upstream"] and replication["primary"] == "pg-a"
    assert pgcensus("query", "select current_user", config=nodes).code == 0


def test_cron(pgcensus, recipes, config, stage, tmp_path):
    """Silent while all is well, and while a node may miss a check."""

    async def shaky(peer):
        await behaviour(peer)

    recipes.config = pgcensus.config([*config, stage.fake(shaky).node("pg-c")])
    (mailto, line) = recipes.lines("pgcensus.cron")
    *times, user, command = line.split(None, 6)
    assert mailto.startswith("MAILTO=") and len(times) == 5 and user == "pgcensus"
    state = (CRON_STATE, str(tmp_path / "cron.state"))
    for behaviour in fake.polite, fake.polite, fake.closes, fake.closes:
        run = recipes.run(command, shell=True, state=state)
        assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    run = recipes.run(command, shell=True, state=state)
    assert run.returncode == 2 and "pg-c" in run.stdout and "pg-a" not in run.stdout


CRON_STATE = "/var/lib/pgcensus/cron.state"


def test_cron_finds_the_password(pgcensus, recipes, primary, tmp_path):
    """Where role.sql says, not in an environment that cron has not."""
    recipes.home = str(tmp_path)
    recipes.config = pgcensus.config([primary.node("pg-a", user="scrammy")])
    command = recipes.lines("pgcensus.cron")[-1].split(None, 6)[-1]
    state = (CRON_STATE, str(tmp_path / "cron.state"))
    run = recipes.run(command, shell=True, state=state)
    assert run.returncode == 2 and "pg-a" in run.stdout, "at once: no login"
    passfile = tmp_path / ".pgpass"
    passfile.write_text(f"*:*:*:scrammy:{CANARY}\n")
    passfile.chmod(0o600)
    run = recipes.run(command, shell=True, state=state)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_cron_does_not_keep_silent_about_itself(recipes, tmp_path):
    recipes.config = str(tmp_path / "nowhere.yaml")
    command = recipes.lines("pgcensus.cron")[-1].split(None, 6)[-1]
    state = (CRON_STATE, str(tmp_path / "cron.state"))
    run = recipes.run(command, shell=True, state=state)
    assert run.returncode == 3 and "nowhere.yaml" in run.stderr


def nagios_command(recipes):
    text = "\n".join(recipes.lines("nagios.cfg"))
    defined = re.search(r"command_line\s+(.*)", text)[1]
    name, *arguments = re.search(r"check_command\s+(.*)", text)[1].split("!")
    assert f"command_name  {name}" in text
    for number, argument in enumerate(arguments, 1):
        defined = defined.replace(f"$ARG{number}$", argument)
    assert "$" not in defined
    return defined


def test_nagios(recipes, config):
    run = recipes.run(nagios_command(recipes), shell=True)
    plugin = perfdata.parse(run.stdout)
    assert (plugin.word, run.returncode, run.stderr) == ("OK", 0, "")
    assert "pg-a latency" in plugin.data


def test_nagios_of_a_node_that_is_down(pgcensus, recipes, config, stage):
    silent = stage.fake(fake.closes).node("pg-c", group="orders")
    elsewhere = stage.fake(fake.closes).node("pg-d", group="bills")
    recipes.config = pgcensus.config([*config, silent, elsewhere])
    run = recipes.run(nagios_command(recipes), shell=True)
    plugin = perfdata.parse(run.stdout)
    assert (plugin.word, run.returncode) == ("CRITICAL", 2)
    assert "pg-c" in plugin.text and "pg-d" not in run.stdout


def service(recipes, key):
    text = recipes.text("pgcensus-textfile.service").replace("\\\n", " ")
    (value,) = re.findall(rf"^{key}=(.*)", text, re.MULTILINE)
    return value


@pytest.fixture
def textfile(recipes, config, tmp_path):
    """What node_exporter would read."""
    out = tmp_path / "pgcensus.prom"
    paths = {
        "state": ("/var/lib/pgcensus-textfile/state", str(tmp_path / "state")),
        "out": ("/var/lib/prometheus/node-exporter/pgcensus.prom", str(out)),
    }
    run = recipes.run(service(recipes, "ExecStart"), shell=False, **paths)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert sorted(os.listdir(tmp_path)) == ["pgcensus.prom", "state"]
    return out.read_text()


def test_textfile(textfile):
    metrics = exposition.parse(textfile)
    assert metrics.find("pgcensus_up", node="pg-b") == 1
    assert metrics.find("pgcensus_consecutive_failures", node="pg-b") == 0


def test_promtool_reads_the_textfile(textfile, promtool):
    assert promtool(textfile) == ""


def test_the_unit_has_a_user(recipes):
    """systemd sets HOME, where .pgpass is, only for units that have one; and it gives a
    StateDirectory, with all that is in it, to that user."""
    (_, line) = recipes.lines("pgcensus.cron")
    assert service(recipes, "User") == line.split()[5]
    directory = "/var/lib/" + service(recipes, "StateDirectory")
    assert f"--state-file {directory}/" in service(recipes, "ExecStart")


def test_units(recipes, tmp_path):
    """By systemd's own reader, with the program's path put in: it looks for it."""
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("systemd-analyze is not installed")
    for name in "pgcensus-textfile.service", "pgcensus-textfile.timer":
        text = recipes.text(name).replace("/usr/bin/pgcensus", recipes.exe)
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [analyze, "verify", "--man=no", str(tmp_path / "pgcensus-textfile.timer"),
         str(tmp_path / "pgcensus-textfile.service")],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    ours = [line for line in done.stdout.splitlines() if "pgcensus-textfile" in line]
    assert not ours, done.stdout

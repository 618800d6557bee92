"""What config/monitoring/ offers works as it stands there, and README.md quotes it; and
what is installed names only programs that are installed with it.

Only paths of this machine are put in: the program's, the configuration's, and those of
what is written."""

import glob
import json
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

PROGRAM = "/usr/local/bin/pgcensus"
FENCE = re.compile(r"^```text\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Recipes:
    home, config = "/nonexistent", None

    def __init__(self, source, exe):
        self.source, self.exe = source, exe

    def text(self, name):
        """As it is installed where README says."""
        path = f"{self.source}/config/monitoring/{name}"
        with open(path if os.path.exists(path) else f"{path}.in") as file:
            return file.read().replace("@bindir@", "/usr/local/bin")

    def lines(self, name):
        """Without comments."""
        return [line for line in self.text(name).splitlines() if line[:1] not in "#-"]

    def run(self, command, shell, **paths):
        """As cron starts it: hardly an environment, no terminal."""
        command = command.replace(PROGRAM, self.exe)
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
    paths = glob.glob(f"{source}/config/monitoring/*")
    names = sorted(os.path.basename(path).removesuffix(".in") for path in paths)
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
        text = recipes.text(name).replace(PROGRAM, recipes.exe)
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [analyze, "verify", "--man=no", str(tmp_path / "pgcensus-textfile.timer"),
         str(tmp_path / "pgcensus-textfile.service")],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    ours = [line for line in done.stdout.splitlines() if "pgcensus-textfile" in line]
    assert not ours, done.stdout


# ---- what is installed ----

PATH_OF_PROGRAM = re.compile(r"(?<![\w.$}~-])(?:/[\w.+@-]+)*/s?bin/[\w.+@-]+")


@pytest.fixture(scope="module")
def meson(exe):
    """Asks meson about the build that the program comes from."""
    build = os.path.dirname(os.path.dirname(os.path.dirname(exe)))
    program = shutil.which("meson", path=place_module.PATH)
    if not program or not os.path.exists(f"{build}/build.ninja"):
        pytest.skip("the program was not built by meson here")
    return lambda *argv: subprocess.run(
        [program, *argv], cwd=build, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


@pytest.fixture(scope="module")
def installed(meson, tmp_path_factory):
    """Below DESTDIR, as a package is made; with what the build was configured with."""
    place = str(tmp_path_factory.mktemp("destdir"))
    meson("install", "--no-rebuild", "--quiet", "--destdir", place)
    return place


def texts_below(place):
    for folder, _, names in os.walk(place):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                content = file.read()
            if b"\0" not in content:
                yield name, content.decode()


def test_each_program_that_an_installed_file_names_is_there(installed):
    """README installs to /usr/local, a package to /usr: whatever starts pgcensus must
    say which."""
    named = {}
    for name, text in texts_below(installed):
        assert "@bindir@" not in text, name
        for path in PATH_OF_PROGRAM.findall(text):
            named.setdefault(path, []).append(name)
    for path, names in named.items():
        ours = "pgcensus" in os.path.basename(path)
        assert os.access(installed + path if ours else path, os.X_OK), (path, names)
    (ours,) = [path for path in named if "pgcensus" in path]
    assert {"nagios.cfg", "pgcensus.cron", "pgcensus-textfile.service"} <= set(named[ours])


def test_no_template_is_installed(installed):
    assert not [name for name, _ in texts_below(installed) if name.endswith(".in")]


def test_sysconfdir_is_looked_at(meson, pgcensus, tmp_path):
    options = json.loads(meson("introspect", "--buildoptions"))
    values = {option["name"]: option["value"] for option in options}
    folder = os.path.join(values["prefix"], values["sysconfdir"])
    run = pgcensus("nodes", env={"HOME": str(tmp_path)}, expect=[])
    assert run.code == 3 and f" {folder}/pgcensus/config.yaml" in run.errors

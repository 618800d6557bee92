"""A canary in every source of secrets, and no trace of it: fault 35.

`run.judge` greps stdout and stderr of every run of every test for every canary; here
are the sources one by one, and the places beside the streams."""

import base64
import os
import resource
import shutil
import signal
import tempfile
import urllib.parse

import fake
import pytest
import run as run_module
from judge import CANARIES, CANARY

ODD = CANARIES[1]  # with a slash, a space, an at sign, a colon, a per cent sign


def forms(secret):
    """How a library may have written it."""
    yield secret
    yield urllib.parse.quote(secret, safe="")
    yield base64.b64encode(secret.encode()).decode()
    yield secret.replace("'", "''")
    yield secret.replace("\\", "\\\\").replace("'", "\\'")


def echo(words):
    """A server that repeats the password that it was given."""

    async def script(peer):
        import wire

        await peer.startup()
        await peer.send(wire.AUTH_CLEARTEXT)
        secret = (await peer.password()).rstrip(b"\0")
        await peer.send(wire.error("28P01", words.encode() % secret))

    return script


@pytest.mark.parametrize("secret", CANARIES)
@pytest.mark.parametrize("form", ["table", "json", "ndjson", "csv", "nagios"])
def test_a_server_that_repeats_the_password(pgcensus, stage, secret, form):
    server = stage.fake(echo("no: '%s'"))
    nodes = [server.node("a", password=secret.replace("$", "$$"))]
    run = pgcensus("check", "-v", "--format", form, config=nodes)
    assert run.code == 2
    assert "***" in run.text
    for written in forms(secret):
        assert written not in run.text + run.errors


SOURCES = "password password_file passfile PGPASSFILE PGPASSWORD ${VAR}".split()


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_of_a_password(pgcensus, stage, source):
    server = stage.fake(echo("no: %s"))
    keys, env = {}, {}
    if source == "password":
        keys["password"] = CANARY
    if source == "password_file":
        keys["password_file"] = pgcensus.path("secret", CANARY)
    if source == "passfile":
        keys["passfile"] = pgcensus.path("pass", f"*:*:*:*:{CANARY}\n")
    if source == "PGPASSFILE":
        env["PGPASSFILE"] = pgcensus.path("pass", f"*:*:*:*:{CANARY}\n")
    if source == "PGPASSWORD":
        env["PGPASSWORD"] = CANARY
    if source == "${VAR}":
        keys["password"], env["VAR"] = "${VAR}", CANARY
    nodes = [server.node("a", **keys)]
    run = pgcensus("check", "--json", "-v", config=nodes, env=env)
    assert server.notes("password") == [CANARY.encode() + b"\0"]
    assert "***" in run.error("a")["message"]
    shown = pgcensus("config", "show", config=nodes, env=env)
    assert shown.code == 0


BROKEN = {
    "unknown key beside it": "{name: a, host: h, password: SECRET, prot: 1}",
    "a typo in its key": "{name: a, host: h, pasword: SECRET}",
    "a duplicate": "{name: a, host: h, password: SECRET, password: SECRET}",
    "a list": "{name: a, host: h, password: [SECRET]}",
    "a mapping": "{name: a, host: h, password: {x: SECRET}}",
    "a mapping as key": "{name: a, host: h, password: SECRET, port: SECRET}",
    "an unset variable": "{name: a, host: h, password: '${NO_SUCH}SECRET'}",
    "a wrong variable": "{name: a, host: h, password: '${SECRET'}",
    "a missing file": "{name: a, host: h, password: SECRET, password_file: /nowhere}",
    "broken YAML behind it": "{name: a, host: h, password: SECRET, ]",
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_diagnostics_do_not_quote_secrets(pgcensus, mistake):
    words = "nodes:\n  - " + BROKEN[mistake].replace("SECRET", CANARY) + "\n"
    path = pgcensus.path("broken.yaml", words)
    for words in "config check", "check", "check --json", "config show":
        assert pgcensus(*words.split(), config=path).code == 3


URL = f"postgresql://me:{CANARY}@127.0.0.1/app"
WORDS = f"host=127.0.0.1 user=me password={CANARY}"

WRONG_PLACES = [
    (CANARY,),
    (URL,),
    (WORDS,),
    ("help", URL),
    ("help", CANARY),
    ("config", URL),
    ("config", "show", URL),
    ("completion", URL),
    ("check", URL),
    ("check", CANARY),
    ("check", WORDS),
    ("check", "-h", URL),
    ("check", f"-h{URL}"),
    ("check", "-W", CANARY),
    ("check", f"-p{CANARY}"),
    ("check", "-p", CANARY),
    ("check", "-U", f"me:{CANARY}"),
    ("check", "--password", CANARY),
    ("check", f"--password={CANARY}"),
    ("check", "-C", URL),
    ("check", "-C", WORDS),
    ("check", "-C", WORDS.replace("=", " = ")),
    ("check", "-C", f"me:{CANARY}@127.0.0.1"),
    ("check", "-o", WORDS.replace("=", " = ") + "/", "--url", "host=127.0.0.1"),
    ("check", "-o", URL, "--url", "host=127.0.0.1"),
    ("check", "--state-file", URL, "--url", "host=127.0.0.1 port=1"),
    ("check", "-n", URL, "--url", "host=127.0.0.1"),
    ("check", "-g", URL, "--url", "host=127.0.0.1"),
    ("check", "-l", f"a={CANARY}:{URL}", "--url", "host=127.0.0.1"),
    ("check", "--url", URL),
    ("check", "--url", WORDS),
    ("check", "--url", f"me:{CANARY}@127.0.0.1"),
    ("check", "--url", f"postgresql://me:{CANARY}"),
    ("check", "--url", f"postgresql://me:{CANARY},x"),
    ("check", "--url", f"127.0.0.1 {CANARY}"),
    ("check", "--url", f"host=127.0.0.1 passfile={CANARY}", "--csv"),
    ("check", "--url", f"host=127.0.0.1 port=me:{CANARY}@x"),
    ("check", "--set", f"password={CANARY}", "--url", "host=127.0.0.1"),
    ("check", "--set", f"password:{CANARY}", "--url", "host=127.0.0.1"),
    ("check", "--set", f"pasword={CANARY}", "--url", "host=127.0.0.1"),
    ("check", "--set", f"password_file={CANARY}", "--url", "host=127.0.0.1"),
    ("check", "--set", f"passfile={CANARY}", "--url", "host=127.0.0.1 port=1"),
    ("check", "--set", f"host={URL}", "--url", "host=127.0.0.1"),
    ("check", "--set", f"dbname={WORDS}", "--url", "host=127.0.0.1"),
    ("check", "--role", URL),
    ("check", "--format", URL),
    ("check", "-T", URL),
    ("check", "--warning", URL, "--url", "host=127.0.0.1"),
    ("query", "-f", URL),
    ("query", "--reduce", URL, "select 1", "--url", URL),
    ("nodes", URL),
    ("nodes", "-n", WORDS, "--url", "host=127.0.0.1"),
    ("query", "--any", URL, "-C", URL),
]


@pytest.mark.parametrize("argv", WRONG_PLACES, ids=lambda argv: " ".join(argv)[:60])
def test_a_password_in_the_wrong_place_is_not_repeated(pgcensus, argv):
    """judge.py looks for it; so it is refused here, or at least the node is down."""
    for form in (), ("--json",):
        run = pgcensus(*argv, *form)
        assert run.code in (2, 3)


MISPLACED = [
    "password_file: SECRET",
    "password_file: 'SECRET'",
    "passfile: SECRET",
    "password_file: [SECRET]",
    "passwordfile: SECRET",
    "password_file SECRET",
    "passfile: SECRET, port: x",
    "password_file: SECRET, port: x",
    "service: 'postgresql://me:SECRET@h'",
    "scram_client_key: SECRET",
    "oauth_client_secret: SECRET",
    "labels: ['me:SECRET@h']",
    "host: 'me:SECRET@h'",
    "user: x, dbname: 'host=h password=SECRET'",
]


@pytest.mark.parametrize("entry", MISPLACED)
@pytest.mark.parametrize("flow", [True, False])
def test_a_password_under_the_wrong_key_is_not_repeated(pgcensus, entry, flow):
    entry = entry.replace("SECRET", CANARY)
    host = "" if "host:" in entry else "host: 127.0.0.1"
    if flow:
        words = f"nodes:\n  - {{name: a, {host}{', ' * bool(host)}{entry}}}\n"
    else:
        lines = ["name: a", host, *entry.split(", ")]
        words = "nodes:\n  - " + "\n    ".join(line for line in lines if line) + "\n"
    path = pgcensus.path("misplaced.yaml", words)
    for argv in ("config", "check"), ("config", "show"), ("config", "show", "--json"), (
        "check", "--set", "port=1"):  # fmt: skip
        run = pgcensus(*argv, config=path)
        assert run.code == 3 or "passfile:" in entry


def test_variables_that_name_files_do_not_repeat_a_password(pgcensus, stage):
    nodes = [stage.fake(fake.polite).node("a")]
    for name in "PGPASSFILE", "PGSERVICEFILE":
        assert pgcensus("check", "-v", config=nodes, env={name: CANARY}).code == 0
    run = pgcensus("check", env={"PGCENSUS_CONFIG": URL}, expect=[])
    assert run.code == 3


def test_libpq_and_its_parser_do_not_quote_it(pgcensus, stage):
    server = stage.fake(fake.fatal("28P01", "no"))
    nodes = [server.node("a", password=ODD.replace("$", "$$"), sslmode="require")]
    assert pgcensus("check", "-v", config=nodes).code == 2


def test_not_in_the_command_line_of_the_process(pgcensus, stage):
    silent = stage.fake(fake.silent)
    nodes = [silent.node("a", password=CANARY)]
    env = {"PGPASSWORD": CANARY}
    running = pgcensus.start("check", "-T", "30s", config=nodes, env=env)
    assert silent.wait("mute")
    for name in "cmdline", "comm":
        with open(f"/proc/{running.pid}/{name}", "rb") as file:
            assert CANARY.encode() not in file.read()
    running.signal(signal.SIGTERM)
    running.end(5)


def test_not_in_a_core_file(pgcensus, stage):
    """Whatever our limit was before, no core file is written."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    silent = stage.fake(fake.silent)
    folder = pgcensus.path("cores")
    os.remove(folder)
    os.mkdir(folder)
    running = pgcensus.start(
        *["check", "-T", "30s"],
        config=[silent.node("a", password=CANARY)],
        limits={"core": "unlimited" if hard == resource.RLIM_INFINITY else hard},
        cwd=folder,
    )
    assert silent.wait("mute")
    with open(f"/proc/{running.pid}/limits") as file:
        (core,) = [line for line in file if line.startswith("Max core file size")]
    assert core.split()[4] == "0"
    running.signal(signal.SIGQUIT)
    running.end(5)
    assert os.listdir(folder) == []


def test_no_core_file_goes_to_a_program_either(pgcensus, stage, tmp_path_factory):
    """A core_pattern that begins with "|" knows no limit of size: the process is not
    dumpable, and then the kernel gives what is in /proc/PID to root."""
    silent = stage.fake(fake.silent)
    prefix, exe = [], pgcensus.exe
    if os.geteuid() == 0:  # where all is root's already
        folder = tempfile.mkdtemp(prefix="pgcensus-")
        exe = shutil.copy(pgcensus.exe, folder)
        os.chmod(folder, 0o755)
        prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    url = f"host=127.0.0.1 port={silent.port} user=u"
    census = run_module.Census(exe, pgcensus.home)
    running = census.start("check", "-T", "30s", "--url", url, prefix=prefix, cwd="/")
    assert silent.wait("mute")
    assert os.stat(f"/proc/{running.pid}/mem").st_uid == 0
    running.signal(signal.SIGTERM)
    running.end(5)
    if prefix:
        shutil.rmtree(folder)


def test_not_in_another_output_file(pgcensus, stage):
    path = pgcensus.path("report.json")
    nodes = [stage.fake(echo("no: %s")).node("a", password=CANARY)]
    pgcensus("check", "--json", "-o", path, config=nodes)
    with open(path) as file:
        assert CANARY not in file.read()

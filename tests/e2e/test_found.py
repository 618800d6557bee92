"""Found where psql finds it: passwords, services and the configuration of who has no
$HOME, socket directories in .pgpass, services that other programs use as well."""

import os

import fake
import pytest
from isolated import isolated
from judge import CANARY
from stage import Stage


@pytest.fixture
def home(tmp_path):
    """A home directory that only the list of users knows."""
    pgpass = tmp_path / ".pgpass"
    pgpass.write_text(f"*:*:*:*:{CANARY}\n")
    pgpass.chmod(0o600)
    return tmp_path


def without_home(pgcensus, home, variable, *argv, make):
    """What comes of a run whose HOME is that, None: not set."""
    passwd = f"root:x:0:0::{home}:/bin/sh\nme:x:{os.geteuid()}:0::{home}:/bin/sh\n"

    def world():
        stage = Stage()
        config = make(stage.fake(fake.asks_cleartext))
        run = pgcensus(*argv, config=config, env={"HOME": variable})
        stage.close()
        return run.code, run.text, run.errors

    return isolated(world, {"/etc/passwd": passwd})


@pytest.mark.parametrize("variable", [None, ""])
def test_a_password_without_home(pgcensus, home, variable):
    """Services of systemd without User=, NRPE, some cron daemons."""

    def make(server):
        return [server.node("pg-a")]

    done = without_home(pgcensus, home, variable, "check", "-q", make=make)
    assert done == (0, "", "")


@pytest.mark.parametrize("variable", [None, ""])
def test_a_service_without_home(pgcensus, home, variable):
    def make(server):
        service = f"[svc]\nhost=127.0.0.1\nport={server.port}\n"
        (home / ".pg_service.conf").write_text(service)
        return [{"name": "pg-a", "service": "svc"}]

    done = without_home(pgcensus, home, variable, "check", "-q", make=make)
    assert done == (0, "", "")


@pytest.mark.parametrize("variable", [None, ""])
def test_the_configuration_without_home(pgcensus, home, variable):
    where = home / ".config" / "pgcensus"
    where.mkdir(parents=True)
    (where / "config.yaml").write_text("nodes:\n  - {name: pg-a, host: x}\n")
    done = without_home(pgcensus, home, variable, "nodes", "-t", make=lambda _: None)
    assert done[0] == 0 and "pg-a" in done[1]


def test_no_home_at_all_is_not_the_root_directory(pgcensus):
    def world():
        env = {"HOME": None, "XDG_CONFIG_HOME": None}
        run = pgcensus("nodes", env=env)
        return run.code, run.errors

    nobody = {"/etc/passwd": "other:x:4711:0::/:/bin/sh\n"}
    code, errors = isolated(world, {**nobody, "/etc/nsswitch.conf": "passwd: files\n"})
    assert code == 3 and "neither a home directory nor /" in errors
    assert "/.config" not in errors


def test_pgpass_by_socket_directory_as_written(pgcensus, primary):
    """What Patroni writes for its own directory."""
    node = primary.node("pg-a", host=primary.home, user="scrammy")
    for directory, code in (primary.home, 0), ("localhost", 2), (primary.home + "/", 2):
        words = f"{directory}:{primary.port}:*:scrammy:{CANARY}\n"
        passfile = pgcensus.path("pgpass", words)
        run = pgcensus("check", "-q", config=[node], env={"PGPASSFILE": passfile})
        assert run.code == code, "as psql"


SERVICE = """[svc]
host=127.0.0.1
port={port}
target_session_attrs=read-write
options=-c geqo=off
load_balance_hosts=random
min_protocol_version=3.0
"""


def test_keys_that_we_do_not_use_are_no_mail_from_cron(pgcensus, stage):
    server = stage.fake(fake.polite)
    path = pgcensus.path("services", SERVICE.format(port=server.port))
    kinds = {"config": [{"name": "a", "service": "svc"}], "env": {"PGSERVICEFILE": path}}
    run = pgcensus("check", "-q", **kinds)
    assert (run.code, run.text, run.errors) == (0, "", "")
    for argv in ("check", "-v"), ("config", "check"):
        errors = pgcensus(*argv, expect=[], **kinds).errors
        for key in "target_session_attrs", "options", "load_balance_hosts":
            assert f'note: "{key}" of service "svc" is ignored: ' in errors


def test_services_of_the_system_are_where_psql_looks(pgcensus, stage, tmp_path):
    server = stage.fake(fake.polite)
    (tmp_path / "pg_service.conf").write_text(SERVICE.format(port=server.port))
    env = {"PGSYSCONFDIR": str(tmp_path)}
    run = pgcensus("check", "-q", config=[{"name": "a", "service": "svc"}], env=env)
    assert (run.code, run.text, run.errors) == (0, "", "")


def test_a_service_with_several_hosts_is_refused(pgcensus):
    path = pgcensus.path("services", "[svc]\nhost=a,b\n")
    config = [{"name": "a", "service": "svc"}]
    run = pgcensus("check", "-q", config=config, expect=[], env={"PGSERVICEFILE": path})
    assert run.code == 3 and '"a,b" names several hosts' in run.errors

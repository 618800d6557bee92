"""Real PostgreSQL servers: initdb once for all workers, then copies of it.

Each has a unix socket, a TCP port on 127.0.0.1, TLS if it was given a certificate, and
a log that tests may read.  The roles are the same everywhere:

    postgres   superuser, over the unix socket only
    trusty     no password           scrammy, md5y, plainy   password by that method
    certified  by client certificate
"""

import os
import shutil
import signal
import subprocess

from place import binary, free_port

SETTINGS = """
listen_addresses = '127.0.0.1'
fsync = off
synchronous_commit = on
full_page_writes = off
shared_buffers = 4MB
max_connections = 40
autovacuum = off
log_connections = on
log_min_messages = warning
log_line_prefix = '%u@%d '
"""

HBA = """
local    all          scrammy                  scram-sha-256
local    all          all                      trust
local    replication  all                      trust
host     all          trusty    127.0.0.1/32   trust
host     all          scrammy   127.0.0.1/32   scram-sha-256
host     all          md5y      127.0.0.1/32   md5
host     all          plainy    127.0.0.1/32   password
hostssl  all          certified 127.0.0.1/32   cert
host     all          all       127.0.0.1/32   scram-sha-256
"""

ROLES = """
create role trusty login;
create role certified login;
create role scrammy login password '{password}';
create role plainy login password '{password}';
set password_encryption = md5;
create role md5y login password '{password}';
"""


class Clusters:
    """Makes servers and ends them all."""

    def __init__(self, place, password):
        self.place, self.password = place, password
        self.running = []
        self.template = place.once("template", self._make_template)

    def _initdb(self, home):
        self.place.run(
            *[binary("initdb"), "--pgdata", home, "--username", "postgres"],
            *["--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"],
            *["--wal-segsize", "1"],
        )
        _append(home, "postgresql.conf", SETTINGS)
        with open(os.path.join(home, "pg_hba.conf"), "w") as hba:
            hba.write(HBA)

    def _make_template(self, home):
        """Roles are made once, here: copies start with them."""
        self._initdb(home)
        first = Cluster(self.place, "template", home)
        first.start()
        first.sql(ROLES.format(password=self.password))
        first.stop("fast")

    def new(self, name, certificate=None, ca=None, start=True, **settings):
        home = os.path.join(self.place.servers, name)
        self.place.run("cp", "-a", self.template, home)
        return self._adopt(name, home, certificate, ca, start, settings)

    def foreign(self, name):
        """With a system identifier of its own, which copies do not have."""
        home = os.path.join(self.place.servers, name)
        self._initdb(home)
        return self._adopt(name, home, None, None, True, {})

    def standby(self, name, of, start=True, wal="stream", **settings):
        """wal "none": it waits for its first WAL for ever."""
        home = os.path.join(self.place.servers, name)
        source = f"host={of.home} port={of.port} user=postgres"
        self.place.run(
            *[binary("pg_basebackup"), "--pgdata", home, "--checkpoint", "fast"],
            *["--wal-method", wal, "--no-sync", "--dbname", source],
        )
        _append(home, "standby.signal", "")
        self.place.give(os.path.join(home, "standby.signal"))
        if wal == "stream":
            settings.setdefault("primary_conninfo", source)
        return self._adopt(name, home, None, None, start, settings)

    def _adopt(self, name, home, certificate, ca, start, settings):
        cluster = Cluster(self.place, name, home)
        if certificate:
            cluster.wear(certificate, ca)
        cluster.configure(**settings)
        self.running.append(cluster)
        if start:
            cluster.start()
        return cluster

    def close(self):
        for cluster in reversed(self.running):
            cluster.stop("immediate")


class Cluster:
    host = "127.0.0.1"

    def __init__(self, place, name, home):
        self.place, self.name, self.home = place, name, home
        self.port = free_port()
        self.log_path = os.path.join(place.servers, f"{name}.log")
        self.configure(port=self.port, unix_socket_directories=home)

    def configure(self, **settings):
        lines = "".join(f"{key} = '{value}'\n" for key, value in settings.items())
        _append(self.home, "postgresql.conf", lines)

    def wear(self, certificate, ca):
        """TLS with this certificate (a path without suffix) from now on."""
        for source, name in (
            (f"{certificate}.crt", "server.crt"),
            (f"{certificate}.key", "server.key"),
            (ca, "root.crt"),
        ):
            target = os.path.join(self.home, name)
            shutil.copy(source, target)
            os.chmod(target, 0o600)
            self.place.give(target)
        self.configure(ssl="on", ssl_ca_file="root.crt")

    def _ctl(self, *argv, check=True):
        return self.place.run(
            binary("pg_ctl"), "--pgdata", self.home, *argv, check=check
        )

    def start(self, wait=True):
        self._ctl("start", "--wait" if wait else "--no-wait", "--log", self.log_path)

    def stop(self, mode, wait=True):
        how = ["--wait" if wait else "--no-wait", "--timeout", "20"]
        self._ctl("stop", "--mode", mode, *how, check=False)

    def sql(self, statements, dbname="postgres", user="postgres"):
        """The rows, as psql -At prints them."""
        return self.place.run(
            *[binary("psql"), "--no-psqlrc", "--quiet", "-At", "-v", "ON_ERROR_STOP=1"],
            *["-h", self.home, "-p", str(self.port), "-U", user, "-d", dbname],
            *["-c", statements],
        ).strip()

    def refusal(self):
        """Why a login over the socket is refused, "" if it is let in."""
        return self.place.run(
            *[binary("psql"), "-XAtq", "-h", self.home, "-p", str(self.port)],
            *["-U", "trusty", "-d", "postgres", "-c", ""],
            check=False,
        )

    def freeze(self):
        self._signal_postmaster(signal.SIGSTOP)

    def thaw(self):
        self._signal_postmaster(signal.SIGCONT)

    def _signal_postmaster(self, number):
        with open(os.path.join(self.home, "postmaster.pid")) as file:
            os.kill(int(file.readline()), number)

    def allow(self, *lines):
        """Puts lines in front of pg_hba.conf."""
        path = os.path.join(self.home, "pg_hba.conf")
        with open(path) as file:
            rest = file.read()
        with open(path, "w") as file:
            file.write("\n".join(lines) + "\n" + rest)
        self.sql("select pg_reload_conf()")

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()

    def node(self, name=None, **keys):
        """Its entry in a configuration, over TCP."""
        entry = {"name": name or self.name, "host": self.host, "port": self.port}
        return {**entry, "user": "trusty", "dbname": "postgres", **keys}


class Session:
    """A psql that occupies a connection of a server until it is closed."""

    def __init__(self, server, user="trusty"):
        conninfo = f"host=127.0.0.1 port={server.port} user={user} dbname=postgres"
        self.psql = subprocess.Popen(
            [binary("psql"), "-XAtq", conninfo],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.ask("select 'here'") == "here"

    def ask(self, statement):
        """The first line of its answer."""
        self.psql.stdin.write(f"{statement};\n")
        self.psql.stdin.flush()
        return self.psql.stdout.readline().strip()

    def close(self):
        self.psql.stdin.close()
        self.psql.wait(10)
        self.psql.stdout.close()


def _append(home, name, lines):
    with open(os.path.join(home, name), "a") as file:
        file.write(lines)

"""What the nodes of the benchmark are: a responder, or one real PostgreSQL cluster."""

import os
import pathlib
import pwd
import shutil
import socket
import subprocess


class Responder:
    """bench/responder on ports of its own choice, e.g. Responder(path, "ok:8")."""

    def __init__(self, program, *kinds):
        self.process = subprocess.Popen(
            [program, *kinds], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.ports = {}
        for _ in kinds:
            kind, *ports = self.process.stdout.readline().split()
            self.ports[kind] = [int(port) for port in ports]

    def nodes(self, kind, n):
        """n addresses, spread over the ports of that kind."""
        ports = self.ports[kind]
        return [("127.0.0.1", ports[i % len(ports)]) for i in range(n)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def postgres_bin():
    """The directory of PostgreSQL's server programs, or None."""
    places = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if shutil.which("pg_config"):
        asked = subprocess.run(["pg_config", "--bindir"], text=True,
                               stdout=subprocess.PIPE).stdout.strip()
        places.insert(0, pathlib.Path(asked))
    return next((place for place in places if (place / "initdb").exists()), None)


def unprivileged():
    """PostgreSQL refuses to run as root: the keyword arguments that make it not so."""
    if os.geteuid() != 0:
        return {}
    names = [entry.pw_name for entry in pwd.getpwall()]
    name = "postgres" if "postgres" in names else "nobody"
    account = pwd.getpwnam(name)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


HBA = """\
local all all trust
host all bench_scram 127.0.0.1/32 scram-sha-256
host all bench 127.0.0.1/32 trust
"""

CONF = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{place}'
max_connections = 300
fsync = off
ssl = {ssl}
ssl_cert_file = '{place}/server.crt'
ssl_key_file = '{place}/server.key'
"""


class Cluster:
    """A throw-away PostgreSQL: user bench is trusted, bench_scram has a password, and
    with openssl at hand there is TLS under a CA of its own."""

    def __init__(self, place, password):
        self.place = place
        self.bin = postgres_bin()
        self.account = unprivileged()
        self.port = free_port()
        self.password = password
        self.ca = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if (self.place / "db/postmaster.pid").exists():
            self.run(self.bin / "pg_ctl", "-D", self.place / "db", "-m", "immediate",
                     "-w", "stop")

    def start(self):
        place = self.place
        place.mkdir()
        if self.account:
            os.chown(place, self.account["user"], self.account["group"])
        if shutil.which("openssl"):
            self.make_certificates()
        self.run(self.bin / "initdb", "-A", "trust", "-U", "bench", "-N",
                 "-D", place / "db")
        self.write("db/pg_hba.conf", HBA)
        self.write("db/postgresql.auto.conf",
                   CONF.format(port=self.port, place=place,
                               ssl="on" if self.ca else "off"))
        self.run(self.bin / "pg_ctl", "-D", place / "db", "-l", place / "log", "-w",
                 "start")
        self.sql(f"CREATE ROLE bench_scram LOGIN PASSWORD '{self.password}'")

    def sql(self, *statements):
        """Each in a transaction of its own, as VACUUM wants it."""
        self.run(self.bin / "psql", "-X", "-h", self.place, "-p", str(self.port),
                 "-U", "bench", "-d", "postgres", "-v", "ON_ERROR_STOP=1",
                 *(part for statement in statements for part in ("-c", statement)))

    def run(self, *argv):
        done = subprocess.run(
            [str(part) for part in argv], cwd=self.place, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            **self.account,
        )
        if done.returncode:
            raise RuntimeError(f"{argv[0]}: {done.stdout.strip()[-300:]}")

    def write(self, name, text):
        """In place, so that the file stays the server's."""
        with open(self.place / name, "w", encoding="utf-8") as file:
            file.write(text)

    def make_certificates(self):
        """A CA, and a certificate for 127.0.0.1 that it signed."""
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        self.run("openssl", "req", "-x509", *key, "-days", "2", "-subj", "/CN=bench CA",
                 "-keyout", "ca.key", "-out", "ca.crt")
        self.run("openssl", "req", *key, "-subj", "/CN=127.0.0.1",
                 "-keyout", "server.key", "-out", "server.csr")
        self.run("sh", "-c", "echo subjectAltName=IP:127.0.0.1 >names")
        self.run("openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.crt",
                 "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                 "-extfile", "names", "-out", "server.crt")
        self.run("chmod", "600", "server.key")
        self.ca = self.place / "ca.crt"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

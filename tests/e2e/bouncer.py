"""A real pgbouncer in front of a cluster."""

import os
import shutil
import socket

from place import PATH, free_port

SETTINGS = """
[databases]
{databases}postgres = host={home} port={server_port} user=trusty
dead = host={home} port=1 user=trusty
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
admin_users = trusty
logfile = {log}
pidfile =
"""


class Bouncer:
    host = "127.0.0.1"

    def __init__(self, place, name, cluster, databases=None, **settings):
        self.port = free_port()
        self.log_path = os.path.join(place.servers, f"{name}.log")
        ini = os.path.join(place.servers, f"{name}.ini")
        users = os.path.join(place.servers, f"{name}.users")
        with open(users, "w") as file:
            file.write('"trusty" ""\n')
        words = SETTINGS.format(
            users=users,
            databases="".join(f"{k} = {v}\n" for k, v in (databases or {}).items()),
            home=cluster.home,
            server_port=cluster.port,
            port=self.port,
            log=self.log_path,
        )
        with open(ini, "w") as file:
            file.write(words)
            file.writelines(f"{key} = {value}\n" for key, value in settings.items())
        os.chmod(ini, 0o644)
        program = shutil.which("pgbouncer", path=PATH)
        self.process = place.start(program, "-q", ini, log=f"{self.log_path}.out")
        self._wait()

    def _wait(self):
        while self.process.poll() is None:
            try:
                socket.create_connection((self.host, self.port), 1).close()
                return
            except ConnectionRefusedError:
                continue
        raise RuntimeError(self.log())

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()

    def node(self, name, **keys):
        entry = {"name": name, "host": self.host, "port": self.port}
        return {**entry, "user": "trusty", "dbname": "postgres", **keys}

    def close(self):
        self.process.kill()
        self.process.wait()

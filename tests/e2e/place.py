"""Where the tests' servers live: a short directory, an unprivileged owner, free ports.

PostgreSQL and pgbouncer refuse to run as root, so root lends them the user postgres, or
nobody.  The path is short because a unix socket's may have 107 bytes."""

import fcntl
import glob
import os
import pwd
import random
import shutil
import socket
import subprocess
import tempfile
import time


def binary(name):
    """The newest PostgreSQL's program of that name.  Debian's own wrappers in PATH are
    avoided: they start Perl first."""
    versions = glob.glob(f"/usr/lib/postgresql/*/bin/{name}")
    versions.sort(key=lambda path: float(path.split("/")[4]))
    found = versions[-1] if versions else shutil.which(name, path=PATH)
    if not found:
        raise FileNotFoundError(f"no {name}; tools/test installs what is missing")
    return found


PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def free_port():
    """A TCP port that nobody has, below the range from which the kernel takes ports
    for outgoing connections; those would collide sooner or later.  Workers of
    pytest-xdist have a part of that range each, so that none takes what another has
    just found."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    part = (32_000 - 10_240) // max(workers, worker + 1)
    while True:
        port = 10_240 + worker * part + random.randrange(part)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


def until(condition, seconds=20):
    """For what cannot be waited for, such as another process's files."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def make_root():
    root = tempfile.mkdtemp(prefix="pgcensus-e2e-", dir=_fast_directory())
    os.chmod(root, 0o755)
    return root


def remove_root(root):
    shutil.rmtree(root, ignore_errors=True)


class Place:
    """A worker's own directories, and one that it shares with all workers."""

    def __init__(self, shared):
        self.owner = _owner()
        self.root = make_root()
        self.shared = shared
        self.servers = os.path.join(self.root, "s")
        os.mkdir(self.servers)
        self.give(self.servers)
        self.give(shared)

    def once(self, name, make):
        """The shared path of that name; make(path) fills it for the first that asks,
        and the others wait for that."""
        path = os.path.join(self.shared, name)
        with open(f"{path}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not os.path.exists(f"{path}.made"):
                shutil.rmtree(path, ignore_errors=True)
                make(path)
                open(f"{path}.made", "w").close()
        return path

    def give(self, path):
        if self.owner:
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)

    def _as_owner(self):
        if not self.owner:
            return {}
        return {
            "user": self.owner.pw_uid,
            "group": self.owner.pw_gid,
            "extra_groups": [],
        }

    def run(self, *argv, check=True, **kinds):
        """As the owner of the servers; stdout as text."""
        done = subprocess.run(
            argv,
            cwd=self.servers,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            **self._as_owner(),
            **kinds,
        )
        if check and done.returncode:
            raise RuntimeError(f"{argv}: exit {done.returncode}\n{done.stdout}")
        return done.stdout

    def start(self, *argv, log):
        """A server in the foreground, whose end is somebody else's business."""
        with open(log, "ab") as sink:
            return subprocess.Popen(
                argv,
                cwd=self.servers,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
                **self._as_owner(),
            )

    def remove(self):
        remove_root(self.root)


def _fast_directory():
    """Memory if there is a gigabyte of it to write to: a dozen clusters are copied."""
    memory = "/dev/shm"
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30:
        return memory
    return "/tmp"


def _owner():
    if os.geteuid() != 0:
        return None
    for name in "postgres", "nobody":
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    raise RuntimeError("no unprivileged user to run servers as")

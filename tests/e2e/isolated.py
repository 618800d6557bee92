"""A piece of a test in its own user, network and mount namespaces.

    found = isolated(lambda: {"a": 1})

forks, gives the child a world of its own with only `lo` in it, and brings back what
the function returned, or its exception.  Where user namespaces are not permitted, the
test is skipped, visibly.  The child has no other threads, so it must make its own
stage."""

import ctypes
import os
import pickle
import subprocess
import tempfile
import traceback

import pytest

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x20000, 0x10000000, 0x40000000
NOT_PERMITTED = 75


def isolated(function, files=None):
    """files: what is mounted over which path, {"/etc/hosts": "127.0.0.2 two\\n"}."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        os._exit(_perform(function, files or {}, theirs))
    os.close(theirs)
    with os.fdopen(ours, "rb") as stream:
        result = stream.read()
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) == NOT_PERMITTED:
        pytest.skip("user namespaces are not permitted here")
    kind, value = pickle.loads(result)
    assert kind == "returned", value
    return value


def _perform(function, files, sink):
    try:
        if not _enter():
            return NOT_PERMITTED
        for path, words in files.items():
            _mount_over(os.path.realpath(path), words)
        result = "returned", function()
    except BaseException:
        result = "raised", traceback.format_exc()
    with os.fdopen(sink, "wb") as stream:
        pickle.dump(result, stream)
    return 0


def _enter():
    uid, gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0:
        return False
    try:
        for name, words in (
            ("setgroups", "deny"),
            ("uid_map", f"0 {uid} 1"),
            ("gid_map", f"0 {gid} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(words)
        ip("link", "set", "lo", "up")
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _mount_over(path, words):
    file = tempfile.NamedTemporaryFile("w", delete=False)
    with file:
        file.write(words)
        os.fchmod(file.fileno(), 0o644)
    subprocess.run(["mount", "--bind", file.name, path], check=True)
    os.unlink(file.name)


def ip(*argv):
    environment = {"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"}
    subprocess.run(["ip", *argv], check=True, env=environment)

"""The program of the README that uses the library, as it is printed there."""

import json
import subprocess

import place


def quickstart(companion, tmp_path, nodes):
    config = tmp_path / "nodes.yaml"
    config.write_text(json.dumps({"nodes": nodes}))
    return subprocess.run(
        [companion("quickstart"), config], capture_output=True, text=True, timeout=60
    )


def test_a_line_per_node(companion, tmp_path, primary):
    dead = {"name": "dead", "host": "127.0.0.1", "port": place.free_port()}
    run = quickstart(companion, tmp_path, [primary.node("up"), dead])
    assert run.returncode == 1, run
    lines = {line.split()[0]: line.split()[1:] for line in run.stdout.splitlines()}
    assert lines["up"][0] == "ok"
    assert lines["dead"][:3] == ["down", "connection", "refused"]


def test_all_ok(companion, tmp_path, primary):
    assert quickstart(companion, tmp_path, [primary.node("up")]).returncode == 0


def test_no_configuration(companion, tmp_path):
    run = quickstart(companion, tmp_path, [{"nmae": "typo"}])
    assert run.returncode == 3 and run.stderr.startswith("quickstart: ")

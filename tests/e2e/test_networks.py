"""Names and routes that fail, each in a network of its own: faults 1 and 3, and the
part of 10 that needs an address which is not loopback."""

import socket
import struct
import threading

import fake
import pytest
from isolated import ip, isolated
from judge import CANARY
from stage import Hole, Stage

RESOLVER = {
    "/etc/resolv.conf": "nameserver 127.0.0.1\n",
    "/etc/nsswitch.conf": "hosts: files dns\n",
}

NXDOMAIN, SERVFAIL = 3, 2


def name_server(answer):
    """A DNS server on 127.0.0.1 that answers every question with this code; None never
    answers at all."""
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.bind(("127.0.0.1", 53))

    def serve():
        while True:
            question, client = sink.recvfrom(2000)
            if answer is not None:
                flags = struct.pack("!H", 0x8180 | answer)
                sink.sendto(question[:2] + flags + question[4:], client)

    threading.Thread(target=serve, daemon=True).start()


def check(pgcensus, *argv, nodes):
    run = pgcensus("check", "--json", *argv, config=nodes)
    return run.seconds, run.nodes


def test_a_silent_resolver_is_a_dns_fault_at_the_deadline(pgcensus):
    def world():
        name_server(None)
        stage = Stage()
        live = stage.fake(fake.polite)
        nodes = [{"name": f"lost-{i}", "host": f"db{i}.example"} for i in range(20)]
        nodes.insert(10, live.node("live"))
        return check(pgcensus, "-T", "1500ms", nodes=nodes)

    seconds, nodes = isolated(world, RESOLVER)
    assert seconds < 1.5 + 0.5 + pgcensus.sanitized
    live = nodes.pop("live")
    assert live["status"] == "ok" and live["latency_ms"]["total"] < 300
    for node in nodes.values():
        assert (node["error"]["class"], node["error"]["phase"]) == ("dns", "resolve")
        assert 1490 <= node["latency_ms"]["total"] < 2100


@pytest.mark.parametrize("code", [NXDOMAIN, SERVFAIL])
def test_a_name_that_does_not_exist_is_a_dns_fault_at_once(pgcensus, code):
    def world():
        name_server(code)
        return check(pgcensus, nodes=[{"name": "a", "host": "nowhere.example"}])

    seconds, nodes = isolated(world, RESOLVER)
    assert seconds < 2
    error = nodes["a"]["error"]
    assert (error["class"], error["phase"]) == ("dns", "resolve")
    assert "nowhere.example" in error["message"]


def test_ctrl_c_while_a_name_is_looked_up(pgcensus):
    def world():
        name_server(None)
        nodes = [{"name": "a", "host": "slow.example"}]
        running = pgcensus.start("check", "--json", "-T", "30s", config=nodes)
        threading.Event().wait(0.5)
        running.signal(2)
        run = running.end(within=3)
        return run.code, run.nodes

    code, nodes = isolated(world, RESOLVER)
    assert code == 130
    assert nodes["a"]["status"] == "unknown"


@pytest.mark.parametrize("first", ["silent", "refused"])
def test_the_second_address_of_a_name_is_tried_within_the_deadline(pgcensus, first):
    hosts = {
        "/etc/hosts": "127.0.0.1 both.example\n127.0.0.2 both.example\n",
        "/etc/nsswitch.conf": "hosts: files\n",
    }

    def world():
        stage = Stage()
        live = stage.fake(fake.polite, host="127.0.0.2")
        if first == "silent":
            Hole("127.0.0.1", live.port)
        node = {**live.node("a"), "host": "both.example"}
        return check(pgcensus, "-T", "3s", nodes=[node])

    _, nodes = isolated(world, hosts)
    assert nodes["a"]["status"] == "ok", nodes
    assert nodes["a"]["hostaddr"] == "127.0.0.2"


@pytest.mark.parametrize(
    "route, classes",
    [
        (["unreachable", "192.0.2.0/24"], ["unreachable"]),
        (["prohibit", "192.0.2.0/24"], ["unreachable"]),
        (None, ["unreachable"]),
    ],
    ids=["unreachable", "prohibited", "no-route"],
)
def test_no_way_to_a_node_is_known_at_once(pgcensus, route, classes):
    def world():
        if route:
            ip("route", "add", *route)
        return check(pgcensus, nodes=[{"name": "a", "host": "192.0.2.1"}])

    seconds, nodes = isolated(world)
    assert seconds < 2
    error = nodes["a"]["error"]
    assert error["class"] in classes and error["phase"] == "connect", error


def test_a_clear_text_password_does_not_leave_the_machine(pgcensus):
    """The server asks for it on an address that is not loopback, without TLS."""

    def world():
        ip("addr", "add", "192.0.2.7/32", "dev", "lo")
        stage = Stage()
        server = stage.fake(fake.asks_cleartext, host="192.0.2.7")
        _, nodes = check(pgcensus, nodes=[server.node("a", password=CANARY)])
        return nodes["a"], server.count("password")

    node, passwords = isolated(world)
    assert node["error"]["class"] == "auth"
    assert "clear" in node["error"]["message"]
    assert passwords == 0


def test_other_logins_work_there(pgcensus):
    def world():
        ip("addr", "add", "192.0.2.7/32", "dev", "lo")
        stage = Stage()
        facts = {"iterations": 4096, "password": CANARY}
        server = stage.fake(fake.scram, host="192.0.2.7", **facts)
        return check(pgcensus, nodes=[server.node("a", password=CANARY)])

    _, nodes = isolated(world)
    assert nodes["a"]["status"] == "ok"

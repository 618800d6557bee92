"""What is always true of a run, whatever its test is about.

`judge(run)` is called for every run of every test: it ends in time, no sanitizer
complains, no secret and no byte that a terminal would obey comes out, the document is
valid, has exactly the promised keys, adds up, and names every selected node exactly
once; monitors can read what is for them."""

import json
import re
import unicodedata

import exposition
import perfdata

# Every password that any test uses.  One of them in any output fails that test.
CANARY = "c4nary-Passw0rd"
CANARIES = [CANARY, "c4n/ry p@ss:w%rd", "c4nary'quote\\slash", "c4nary-from-a-file"]

MACHINE_FORMATS = "--json", "--ndjson", "--csv", "json", "ndjson", "csv"
SANITIZER = re.compile(rb"(Address|Leak|Thread)Sanitizer|runtime error:")
SANITIZER_EXIT = 97

CHECK_KEYS = set(
    "schema pgcensus_version started_at elapsed_ms lost_ms config status exit_code summary"
    " nodes groups".split()
)
SUMMARY_KEYS = set("nodes ok warn down unknown disabled".split())
NODE_KEYS = set(
    "node group labels host hostaddr port dbname user status role read_only"
    " server_version server_version_num transport latency_ms attempts error"
    " reasons facts facts_reason facts_missing past".split()
)
FACTS_KEYS = set(
    "level timeline system_identifier started_at uptime_s connections wal_lsn"
    " clock_offset_ms clock_uncertainty_ms slots slots_left_out senders"
    " senders_left_out replication".split()
)
MISSING_KEYS = set("part sqlstate message".split())
CONNECTIONS_KEYS = set("used used_at_least max reserved own".split())
SLOT_KEYS = set(
    "name type active retained_bytes wal_status synced failover conflicting"
    " invalidation_reason inactive_since".split()
)
SENDER_KEYS = set("application address state slot".split())
REPLICATION_KEYS = set(
    "upstream receiver slot receive_lsn replay_lsn receive_lag_bytes replay_lag_bytes"
    " replay_lag_s lag_reason replay_paused apply_delay_s sampled_skew_ms"
    " primary".split()
)
PAST_KEYS = set(
    "state since consecutive_failures consecutive_successes changes flapping".split()
)
GROUP_KEYS = set("group status primaries standbys reasons".split())
TOPOLOGY_KEYS = set(
    "schema pgcensus_version started_at elapsed_ms lost_ms exit_code clusters unplaced"
    " groups".split()
)
TREE_NODE_KEYS = set(
    "node group status role timeline upstream upstream_address upstream_reason"
    " upstream_unplaced receiver"
    " receive_lag_bytes replay_lag_bytes replay_lag_s lag_reason same_server_as strangers"
    " strangers_hidden".split()
)
UNPLACED_KEYS = set("node group status reason message".split())
LATENCY_KEYS = set("resolve tcp tls auth query total queued".split())
TRANSPORT_KEYS = set("kind tls cipher verified cert_expires_at".split())
ERROR_KEYS = set(
    "class phase sqlstate retryable message detail hint position".split()
)
REASON_KEYS = set("code message value limit".split())
CLASSES = set(
    "dns refused unreachable timeout tls auth config not_ready saturated lost protocol"
    " query limit cancelled local internal".split()
)
QUERY_KEYS = set(
    "schema pgcensus_version started_at elapsed_ms lost_ms status exit_code summary columns"
    " rows nodes".split()
)
QUERY_SUMMARY_KEYS = set(
    "nodes ok failed partial skipped disabled rows truncated columns_differ".split()
)
QUERY_NODE_KEYS = set(
    "node status rows truncated latency_ms command error notices notices_omitted".split()
)
NOTICE_KEYS = {"severity", "sqlstate", "message"}
QUERY_STATUSES = "ok failed partial skipped disabled".split()
PHASES = set("resolve connect tls auth query stream".split())
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def parse_json(words):
    """Strictly: no duplicate keys, no NaN."""

    def unique(pairs):
        assert len(dict(pairs)) == len(pairs), f"duplicate key in {pairs}"
        return dict(pairs)

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(words, object_pairs_hook=unique, parse_constant=refuse)


def judge(run, expect=None):
    assert not SANITIZER.search(run.err), run
    assert run.code != SANITIZER_EXIT and run.code >= 0, run
    assert_no_secret(run.out + run.err, run)
    assert_harmless(run.err, run)
    machine = any(word in MACHINE_FORMATS for word in run.argv)
    if not machine:
        assert_harmless(run.out, run)
    run.out.decode()  # every format is UTF-8
    if "--json" in run.argv and run.out:
        judge_document(run, expect)
    if "nagios" in run.argv and run.out:
        judge_plugin(run)
    if "prometheus" in run.argv and run.out:
        exposition.parse(run.text)


def judge_plugin(run):
    """The word and the exit status say the same, and some monitors take stderr for
    output, too."""
    plugin = perfdata.parse(run.text)
    assert plugin.code == (3 if run.code > 128 else run.code), run
    assert len(run.out) < 8192, f"more than Nagios reads: {run}"
    if "-v" not in run.argv and "-o" not in run.argv:
        assert run.errors == "", run


def assert_no_secret(output, run):
    for secret in CANARIES:
        assert secret.encode() not in output, f"{secret} leaked: {run}"


BIDI_AND_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def assert_harmless(output, run):
    """No byte that a terminal would obey, no character that fools a reader."""
    words = output.decode()
    controls = {c for c in words if unicodedata.category(c) == "Cc"} - {"\n"}
    assert not controls, f"{controls} in {run}"
    assert not BIDI_AND_INVISIBLE.search(words), run


def judge_document(run, expect):
    doc = run.doc
    if doc["schema"] == "pgcensus.error/1":
        assert doc.keys() == {"schema", "error"}, run
        assert doc["error"].keys() == {"class", "message"}, run
        interrupted = doc["error"]["class"] == "interrupted"
        assert run.code > 128 if interrupted else run.code == 3, run
    if doc["schema"] == "pgcensus.check/1":
        judge_check(run, doc, expect)
    if doc["schema"] == "pgcensus.query/1":
        judge_query(run, doc, expect)
    if doc["schema"] == "pgcensus.topology/1":
        judge_topology(run, doc, expect)


def judge_check(run, doc, expect):
    assert doc.keys() == CHECK_KEYS, run
    assert doc["exit_code"] == run.code, run
    assert RFC3339.fullmatch(doc["started_at"]), run
    summary, statuses = doc["summary"], [node["status"] for node in doc["nodes"]]
    assert summary.keys() == SUMMARY_KEYS, run
    for status in SUMMARY_KEYS - {"nodes"}:
        assert summary[status] == statuses.count(status), run
    assert summary["nodes"] == len(statuses), run
    assert sum(summary[status] for status in SUMMARY_KEYS - {"nodes"}) == len(statuses)
    for group in doc["groups"]:
        assert group.keys() == GROUP_KEYS, run
        assert (group["status"] in ("ok", "unknown")) or group["reasons"], run
        statuses.append(group["status"])
    worst = next((s for s in ("down", "warn", "unknown") if s in statuses), "ok")
    assert doc["status"] in (worst, "disabled"), run
    for node in doc["nodes"]:
        judge_node(node)
    if expect is not None:
        assert [node["node"] for node in doc["nodes"]] == expect, run


def judge_topology(run, doc, expect):
    """Every node once, and behind the one that it follows."""
    assert doc.keys() == TOPOLOGY_KEYS, run
    assert doc["exit_code"] == run.code, run
    assert RFC3339.fullmatch(doc["started_at"]), run
    seen = [node["node"] for node in doc["unplaced"]]
    for cluster in doc["clusters"]:
        assert cluster.keys() == {"system_identifier", "groups", "nodes"}, run
        above = {None}
        for node in cluster["nodes"]:
            judge_tree_node(node, above)
            above.add(node["node"])
            seen.append(node["node"])
    for node in doc["unplaced"]:
        assert node.keys() == UNPLACED_KEYS and node["reason"], run
        assert node["status"] in SUMMARY_KEYS, run
    for group in doc["groups"]:
        assert group.keys() == GROUP_KEYS, run
    assert len(set(seen)) == len(seen), run
    if expect is not None:
        assert sorted(seen) == sorted(expect), run


def judge_tree_node(node, above):
    """Whom a standby follows is known, or why not."""
    assert node.keys() == TREE_NODE_KEYS, node
    assert node["upstream"] in above and node["same_server_as"] in above, node
    assert node["role"] in ("primary", "standby"), node
    assert (node["upstream_reason"] is None) == bool(
        node["upstream"] or node["role"] == "primary"
    ), node
    assert bool(node["receiver"]) == (node["role"] == "standby"), node
    for key in "receive_lag_bytes", "replay_lag_bytes", "replay_lag_s":
        assert node[key] is None or node[key] >= 0, node
    for stranger in node["strangers"]:
        assert stranger.keys() == {"application", "address", "state"}, node
    assert node["strangers_hidden"] >= 0, node


def judge_query(run, doc, expect):
    assert doc.keys() - {"groups", "reference", "differing"} == QUERY_KEYS, run
    assert doc["exit_code"] == run.code, run
    assert RFC3339.fullmatch(doc["started_at"]), run
    summary, nodes = doc["summary"], doc["nodes"]
    assert summary.keys() == QUERY_SUMMARY_KEYS, run
    for status in QUERY_STATUSES:
        assert summary[status] == [n["status"] for n in nodes].count(status), run
    assert summary["nodes"] == len(nodes), run
    assert summary["rows"] == sum(node["rows"] for node in nodes), run
    answered = summary["ok"] + summary["partial"]
    whole = answered and not summary["failed"] + summary["partial"]
    if not summary["truncated"]:
        assert doc["status"] == ("ok" if whole else "partial" if answered else "failed")
    for row in doc["rows"]:
        assert len(row) == len(doc["columns"]), run
    for node in nodes:
        judge_query_node(node)
    if expect is not None:
        assert [node["node"] for node in nodes] == expect, run


def judge_error(error):
    assert error.keys() == ERROR_KEYS, error
    assert error["class"] in CLASSES and error["class"] != "internal", error
    assert error["phase"] in PHASES | {None}, error
    assert error["message"], error
    assert "" not in (error["detail"], error["hint"]), error
    assert error["position"] is None or error["position"] > 0, error


def judge_query_node(node):
    assert node.keys() == QUERY_NODE_KEYS, node
    error = node["error"]
    assert (error is None) or node["status"] != "ok", node
    assert (error is not None) or node["status"] not in ("failed", "partial"), node
    if error:
        judge_error(error)
    for notice in node["notices"]:
        assert notice.keys() == NOTICE_KEYS and notice["message"], node
        assert re.fullmatch("[A-Z]+", notice["severity"]), node
    assert node["notices_omitted"] == 0 or len(node["notices"]) > 0, node
    if node["latency_ms"]:
        assert node["latency_ms"].keys() == {"connect", "query", "total"}, node
    if node["status"] == "ok":
        assert node["latency_ms"]["query"] > 0 and node["command"] is not None, node


def judge_node(node):
    assert node.keys() == NODE_KEYS, node
    assert node["status"] in SUMMARY_KEYS, node
    if node["latency_ms"] is not None:
        judge_latency(node["latency_ms"], node)
    if node["transport"] is not None:
        assert node["transport"].keys() == TRANSPORT_KEYS, node
        assert node["transport"]["verified"] in ("full", "ca", "none", None), node
    assert (node["facts"] is None) == (node["facts_missing"] is None), node
    for missing in node["facts_missing"] or []:
        assert missing.keys() == MISSING_KEYS and missing["message"], node
    if node["facts"] is not None:
        judge_facts(node["facts"])
    error, past = node["error"], node["past"]
    held = "fall" in [reason["code"] for reason in node["reasons"]]
    if held:
        assert error and node["status"] == "warn", node
    elif node["status"] in ("ok", "warn", "disabled"):
        assert error is None, node
    else:
        assert error or node["reasons"], node
    if error:
        judge_error(error)
        ours = error["class"] in ("cancelled", "local")
        expected = "unknown" if ours else "warn" if held else "down"
        assert node["status"] == expected, node
        assert node["reasons"], node
    for reason in node["reasons"]:
        assert reason.keys() == REASON_KEYS, node
    if past is not None:
        assert past.keys() == PAST_KEYS, node
        assert RFC3339.fullmatch(past["since"]), node
        assert 0 in (past["consecutive_failures"], past["consecutive_successes"])


def judge_facts(facts):
    """What is unknown is null, and why lag is, is said."""
    assert facts.keys() == FACTS_KEYS, facts
    assert facts["timeline"] != 0 and facts["system_identifier"] != "0", facts
    judge_connections(facts["connections"])
    for slot in facts["slots"] or []:
        assert slot.keys() == SLOT_KEYS, slot
        assert slot["wal_status"] != "lost" or slot["retained_bytes"] is None, slot
    for sender in facts["senders"] or []:
        assert sender.keys() == SENDER_KEYS, sender
    replication = facts["replication"]
    if replication is None:
        return
    assert replication.keys() == REPLICATION_KEYS, facts
    for key in "receive_lag_bytes", "replay_lag_bytes", "replay_lag_s":
        assert replication[key] is None or replication[key] >= 0, facts
    if replication["replay_lag_s"] is None:
        assert replication["lag_reason"], facts


def judge_connections(connections):
    """Clients, of which there are no more than there may be."""
    assert connections.keys() == CONNECTIONS_KEYS, connections
    used, least = connections["used"], connections["used_at_least"]
    assert (used is None) == (least is None), connections
    assert used is None or 0 <= least <= used, connections


def judge_latency(latency, node):
    """A gap is null, never zero; parts do not exceed the whole."""
    assert latency.keys() == LATENCY_KEYS, node
    parts = [v for k, v in latency.items() if k not in ("total", "queued") and v is not None]
    assert all(part >= 0 for part in parts), node
    assert latency["total"] is not None, node
    assert sum(parts) <= latency["total"] + 1, node
    if node["status"] == "ok":
        assert latency["query"] > 0 and latency["auth"] > 0, node

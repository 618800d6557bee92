"""The expected documents as another reader sees them: strict UTF-8, strict JSON, every
promised key, the formats of monitors, nothing in any file that a terminal would obey.

Usage: documents.py DIRECTORY"""

import csv
import io
import json
import pathlib
import sys
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
import exposition  # noqa: E402
import perfdata  # noqa: E402

NODE = set(
    "node group labels host hostaddr port dbname user status role read_only "
    "server_version server_version_num transport latency_ms attempts error reasons"
    " facts facts_reason facts_missing past".split()
)
PARTS = {
    "transport": set("kind tls cipher verified cert_expires_at".split()),
    "latency_ms": set("resolve tcp tls auth query total queued".split()),
    "error": set(
        "class phase sqlstate retryable message detail hint position".split()
    ),
}
FACTS = set(
    "level timeline system_identifier started_at uptime_s connections wal_lsn"
    " clock_offset_ms clock_uncertainty_ms slots slots_left_out senders"
    " senders_left_out replication".split()
)
CONNECTIONS = set("used used_at_least max reserved own".split())
SLOT = set(
    "name type active retained_bytes wal_status synced failover conflicting"
    " invalidation_reason inactive_since".split()
)
SENDER = set("application address state slot".split())
REPLICATION = set(
    "upstream receiver slot receive_lsn replay_lsn receive_lag_bytes replay_lag_bytes"
    " replay_lag_s lag_reason replay_paused apply_delay_s sampled_skew_ms primary".split()
)
MISSING = set("part sqlstate message".split())
GROUP = set("group status primaries standbys reasons".split())
SUMMARY = set("nodes ok warn down unknown disabled".split())
REPLY = set(
    "node status rows truncated latency_ms command error notices notices_omitted".split()
)
REPLY_LATENCY = set("connect query total".split())
REPLY_SUMMARY = set(
    "nodes ok failed partial skipped disabled rows truncated columns_differ".split()
)
QUERY = set(
    "schema pgcensus_version started_at elapsed_ms lost_ms status exit_code summary nodes".split()
)
TREE_NODE = set(
    "node group status role timeline upstream upstream_address upstream_reason"
    " upstream_unplaced receiver"
    " receive_lag_bytes replay_lag_bytes replay_lag_s lag_reason same_server_as strangers"
    " strangers_hidden".split()
)
UNPLACED = set("node group status reason message".split())
DOCUMENTS = {
    "pgcensus.check/1": set(
        "schema pgcensus_version started_at elapsed_ms lost_ms config status exit_code "
        "summary nodes groups".split()
    ),
    "pgcensus.query/1": QUERY | {"columns", "rows"},
    "pgcensus.topology/1": set(
        "schema pgcensus_version started_at elapsed_ms lost_ms exit_code clusters unplaced"
        " groups".split()
    ),
    "pgcensus.nodes/1": {"schema", "nodes"},
    "pgcensus.config/1": {"schema", "nodes"},
    "pgcensus.diagnostics/1": {"schema", "errors", "omitted", "diagnostics"},
    "pgcensus.error/1": {"schema", "error"},
}


def unique(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a key twice in {keys}"
    return dict(pairs)


def refuse(constant):
    raise AssertionError(f"{constant} is not JSON")


def read(text):
    """The documents in it; a file of lines has one for each."""
    decoder = json.JSONDecoder(object_pairs_hook=unique, parse_constant=refuse)
    documents, at = [], 0
    while at < len(text):
        document, at = decoder.raw_decode(text, at)
        assert text[at : at + 1] == "\n", "more behind a document"
        documents.append(document)
        at += 1
    return documents


def check_slot(slot):
    """What is lost holds back nothing.  What is in use has not been left, but a copy is
    used for moments, while it is brought up to date."""
    assert set(slot) == SLOT, set(slot) ^ SLOT
    assert slot["wal_status"] != "lost" or slot["retained_bytes"] is None
    assert slot["synced"] or not (slot["active"] and slot["inactive_since"])
    assert slot["type"] == "logical" or slot["conflicting"] is None


def check_facts(node, facts):
    assert set(facts) == FACTS, set(facts) ^ FACTS
    assert set(facts["connections"]) == CONNECTIONS
    for slot in facts["slots"] or []:
        check_slot(slot)
    for sender in facts["senders"] or []:
        assert set(sender) == SENDER, set(sender) ^ SENDER
    replication = facts["replication"]
    assert (replication is None) == (node["role"] != "standby")
    assert replication is None or set(replication) == REPLICATION
    for missing in node["facts_missing"]:
        assert set(missing) == MISSING, set(missing) ^ MISSING


def check_node(node):
    assert set(node) == NODE, set(node) ^ NODE
    for part, keys in PARTS.items():
        assert node[part] is None or set(node[part]) == keys, part
    for reason in node["reasons"]:
        assert set(reason) == {"code", "message", "value", "limit"}
    assert (node["status"] in ("ok", "disabled")) == (node["reasons"] == [])
    assert (node["facts"] is None) == (node["facts_missing"] is None)
    if node["facts"]:
        check_facts(node, node["facts"])


def check_replies(document):
    """Every node once, and their rows are those of the summary."""
    summary, nodes = document["summary"], document["nodes"]
    assert set(summary) == REPLY_SUMMARY
    assert summary["nodes"] == len(nodes) == len({node["node"] for node in nodes})
    assert summary["rows"] == sum(node["rows"] for node in nodes)
    for node in nodes:
        assert set(node) == REPLY, set(node) ^ REPLY
        assert node["latency_ms"] is None or set(node["latency_ms"]) == REPLY_LATENCY
        assert node["error"] is None or set(node["error"]) == PARTS["error"]
        if node["status"] in ("ok", "disabled"):
            assert node["error"] is None


def check_query(document):
    """As many cells as columns; a name for each that is nobody else's in an object."""
    for column in document["columns"]:
        assert set(column) == {"name", "type", "oid"}
    for row in document["rows"]:
        assert len(row) == len(document["columns"])
    for group in document.get("groups", []) + [document.get("reference")]:
        assert group is None or set(group) == {"nodes", "rows"}
    assert ("reference" in document) == ("differing" in document)
    for node in document.get("differing", []):
        assert set(node) == {"node", "rows", "columns_differ", "columns"}
        columns = node["columns"]
        assert node["columns_differ"] == (columns is not None)
        if not columns:
            continue
        assert set(columns) == {"lacks", "has", "types", "reordered"}
        assert any(columns.values())
        for column in columns["types"]:
            assert set(column) == {"column", "reference", "node"}
    check_replies(document)


def check_tree_node(node, names):
    """What it names is there, and in front of it."""
    assert set(node) == TREE_NODE, set(node) ^ TREE_NODE
    for other in node["upstream"], node["same_server_as"]:
        assert other is None or other in names, other
    assert not (node["upstream"] and node["upstream_reason"])
    assert (node["strangers"] is None) == (node["strangers_hidden"] is None)
    for stranger in node["strangers"] or []:
        assert set(stranger) == {"application", "address", "state"}


def check_topology(document):
    """Every node once."""
    seen = []
    for cluster in document["clusters"]:
        assert set(cluster) == {"system_identifier", "groups", "nodes"}
        names = []
        for node in cluster["nodes"]:
            check_tree_node(node, names)
            names.append(node["node"])
        seen += names
    for node in document["unplaced"]:
        assert set(node) == UNPLACED, set(node) ^ UNPLACED
        seen.append(node["node"])
    assert len(seen) == len(set(seen)) and seen


def check_document(document):
    keys = DOCUMENTS[document["schema"]]
    found = set(document)
    if document["schema"] == "pgcensus.query/1":
        found -= {"groups", "reference", "differing"}
    assert found == keys, found ^ keys
    if document["schema"] == "pgcensus.query/1":
        check_query(document)
    if document["schema"] == "pgcensus.topology/1":
        check_topology(document)
    if document["schema"] != "pgcensus.check/1":
        return
    assert set(document["summary"]) == SUMMARY
    assert document["summary"]["nodes"] == len(document["nodes"])
    for node in document["nodes"]:
        check_node(node)
    for group in document["groups"]:
        assert set(group) == GROUP, set(group) ^ GROUP


def check_query_lines(lines, last):
    assert set(last) == QUERY, set(last) ^ QUERY
    check_replies(last)
    assert last["summary"]["rows"] == sum("row" in line for line in lines)
    failed = [node["node"] for node in last["nodes"] if node["error"]]
    assert failed == [line["node"] for line in lines if "error" in line]
    for line in lines:
        assert set(line) in ({"node", "row"}, {"node", "error"})


def check_lines(lines):
    *nodes, last = lines
    if last.get("schema") == "pgcensus.topology/1":
        for node in nodes:
            assert set(node) - {"cluster"} == (TREE_NODE if node["cluster"] else UNPLACED)
        assert set(last) == DOCUMENTS[last["schema"]] - {"clusters", "unplaced"}
    if "summary" not in last:
        return
    if last["schema"] == "pgcensus.query/1":
        check_query_lines(nodes, last)
        return
    assert set(last["summary"]) == SUMMARY and last["summary"]["nodes"] == len(nodes)
    for node in nodes:
        check_node(node)


def check_csv(text):
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len({len(row) for row in rows}) == 1


def check_harmless(path, text):
    coloured = "colour" in path.name
    for character in text:
        allowed = character == "\n" or (coloured and character == "\x1b")
        hidden = unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs")
        assert allowed or not hidden, f"U+{ord(character):04X}"


def main(directory):
    paths = sorted(pathlib.Path(directory).iterdir())
    print(f"1..{len(paths)}")
    failed = False
    for number, path in enumerate(paths, 1):
        try:
            raw = path.read_bytes()
            if path.suffix == ".verbatim":  # any bytes, but in as many fields
                check_csv(raw.decode("latin-1"))
                print(f"ok {number} - {path.name}")
                continue
            text = raw.decode("utf-8", "strict")
            check_harmless(path, text)
            if path.suffix == ".json":
                (document,) = read(text)
                check_document(document)
            elif path.suffix == ".ndjson":
                check_lines(read(text))
            elif path.suffix == ".csv":
                check_csv(text)
            elif path.suffix == ".nagios":
                perfdata.parse(text)
            elif path.suffix == ".prom":
                exposition.parse(text)
            print(f"ok {number} - {path.name}")
        except (AssertionError, ValueError, KeyError, csv.Error) as error:
            failed = True
            print(f"not ok {number} - {path.name}\n# {error!r}")
    return failed


sys.exit(main(sys.argv[1]))

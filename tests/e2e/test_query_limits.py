"""A limit of the whole run is shared fairly: a node whose rows never end takes nothing
from those that need little."""

import json

import pytest

ENDLESS = "with recursive r as (select 1 as g union all select g + 1 from r) "
RUNAWAY = "pg_is_in_recovery()"
FEW = 900


def statement(column="repeat('x', 90) as t"):
    """Endless on a standby, FEW rows elsewhere."""
    return ENDLESS + f"select g, {column} from r where {RUNAWAY} or g <= {FEW}" + (
        f" limit case when {RUNAWAY} then null else {FEW} end"
    )


@pytest.fixture
def nodes(primary, standby):
    """The runaway stands in the middle, so that it is the head of some."""
    return [primary.node("a"), standby.node("runaway"), primary.node("z")]


def judge(told, rows):
    """told: nodes of a document; rows: how many of them were printed, by node."""
    told = {node["node"]: node for node in told}
    for name in "a", "z":
        assert (told[name]["status"], told[name]["rows"]) == ("ok", FEW)
        assert rows[name] == FEW and not told[name]["truncated"]
    runaway = told["runaway"]
    assert runaway["status"] == "partial" and runaway["truncated"]
    assert runaway["error"]["class"] == "limit" and "in all" in runaway["error"]["message"]
    assert runaway["rows"] == rows["runaway"] > FEW


def count(names):
    found = {"a": 0, "runaway": 0, "z": 0}
    for name in names:
        found[name] += 1
    return found


@pytest.mark.parametrize(
    ("limit", "whole"),
    [([], 100_000), (["--max-rows", "5000"], 5000), (["--max-bytes", "1MB"], None)],
)
@pytest.mark.parametrize("order", [0, 1, 2])
def test_a_document_has_all_of_the_others(pgcensus, nodes, limit, whole, order):
    nodes = nodes[order:] + nodes[:order]
    run = pgcensus("query", "--json", *limit, statement(), config=nodes, within=60)
    rows = count(row[0] for row in run.doc["rows"])
    assert run.code == 1 and run.doc["summary"]["truncated"]
    judge(run.doc["nodes"], rows)
    assert whole is None or sum(rows.values()) == whole


@pytest.mark.parametrize("limit", [["--max-rows", "5000"], ["--max-bytes", "1MB"]])
def test_lines_have_all_of_the_others(pgcensus, nodes, limit):
    run = pgcensus("query", "--ndjson", *limit, statement(), config=nodes, within=60)
    *lines, last = [json.loads(line) for line in run.lines]
    rows = count(line["node"] for line in lines if "row" in line)
    assert run.code == 1
    judge(last["nodes"], rows)
    assert "--max-bytes" in limit or sum(rows.values()) == 5000


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("limit", [["--max-rows", "5000"], ["--max-bytes", "1MB"]])
def test_csv_has_all_of_the_others(pgcensus, nodes, limit, order):
    nodes = nodes[order:] + nodes[:order]
    run = pgcensus("query", "--csv", *limit, statement(), config=nodes, within=60)
    rows = count(line.split(",")[0] for line in run.lines[1:])
    assert run.code == 1 and rows["a"] == rows["z"] == FEW < rows["runaway"]
    assert "--max-bytes" in limit or sum(rows.values()) <= 5000
    assert "pgcensus: runaway: more than" in run.errors and ": a:" not in run.errors


@pytest.mark.parametrize(
    ("argv", "sees"),
    [
        (["--fold"], None),
        (["--count", "g"], [[2 * FEW]]),
        (["--reduce", "select count(*), count(distinct node) from r"], [[2 * FEW, 2]]),
    ],
)
def test_what_is_made_of_answers_has_all_of_the_others(pgcensus, nodes, argv, sees):
    limit = ["--max-bytes", "1MB"]
    run = pgcensus("query", "--json", *limit, *argv, statement(), config=nodes, within=60)
    told = {node["node"]: node for node in run.doc["nodes"]}
    assert run.code == 1
    assert [told[name]["status"] for name in ("a", "runaway", "z")] == [
        "ok",
        "partial",
        "ok",
    ]
    assert sees is None or run.doc["rows"] == sees


def test_a_node_that_is_late_has_its_share(pgcensus, nodes):
    """The runaway could have had everything by then."""
    late = statement().replace("select g,", "select g, pg_sleep(case when g = 1 and not "
                               f"{RUNAWAY} then 1 else 0 end)::text as s,")
    for form in "--json", "--ndjson":
        argv = "query", form, "--max-rows", "3000", late
        run = pgcensus(*argv, config=nodes, within=60)
        if form == "--json":
            judge(run.doc["nodes"], count(row[0] for row in run.doc["rows"]))
        else:
            lines = [json.loads(line) for line in run.lines]
            rows = count(line["node"] for line in lines if "row" in line)
            judge(lines[-1]["nodes"], rows)


def test_memory_is_bounded_by_the_limit(pgcensus, nodes):
    run = pgcensus(
        *["query", "--json", "--max-bytes", "20MB", "--max-rows", "0"],
        *[statement("repeat('x', 900) as t"), "-o", "/dev/null"],
        config=nodes,
        within=60,
    )
    limit_mb = 900 if pgcensus.sanitized else 150
    assert run.rss_kb < limit_mb * 1024 and "runaway" in run.errors


def test_jobs_that_wait_for_each_other_end(pgcensus, nodes):
    """One at a time: nobody else can tell what it needs before the runaway is cut."""
    for form in ["--csv", "--ndjson", "--json"]:
        argv = "query", form, "-j", "1", "--max-rows", "3000", statement()
        run = pgcensus(*argv, config=nodes, within=60)
        assert run.code == 1 and "runaway: more than 3000 rows" in run.errors
        assert "pgcensus: a:" not in run.errors and "pgcensus: z:" not in run.errors

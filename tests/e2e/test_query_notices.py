"""What a server says while it answers: a success of nothing is never silent."""

import fake
import pytest
import wire
from judge import CANARY, assert_harmless, parse_json

SETUP = """
    create table if not exists others(a int);
    create table if not exists shown(a int);
    grant select on others to public;
    revoke all on others from trusty;
    create or replace function warn(n int) returns int language plpgsql as
        'begin raise warning ''disk almost full''; raise notice ''step %'', n;
               return n; end';
"""
WARNS = "do $$ begin raise warning 'disk almost full'; end $$"


@pytest.fixture(scope="module")
def other_peoples(primary):
    primary.sql(SETUP)
    return primary


@pytest.fixture(scope="module")
def nodes(other_peoples):
    return [other_peoples.node(f"pg-{i}", allow_write=True) for i in (1, 2, 3)]


# ---- success means that it was done ----


@pytest.mark.parametrize(
    "argv, command, says",
    [
        (["--write", "--yes", "vacuum others"], "VACUUM", "others"),
        (["analyze others"], "ANALYZE", "others"),
        # one after the other: they write the same row of the same server
        (["--write", "--yes", "-j", "1", "grant select on others to public"], "GRANT",
         "no privileges were granted"),
        ([WARNS], "DO", "disk almost full"),
    ],
)  # fmt: skip
def test_a_warning_of_what_was_not_done(pgcensus, nodes, argv, command, says):
    run = pgcensus("query", *argv, config=nodes)
    assert run.code == 0 and command in run.text
    line, = run.errors.splitlines()
    assert line.startswith("pgcensus: 3 nodes: WARNING: ") and says in line
    assert line.endswith(": pg-[1-3]")

    run = pgcensus("query", "--json", *argv, config=nodes)
    for node in run.doc["nodes"]:
        notice, = node["notices"]
        assert notice["severity"] == "WARNING" and notice["sqlstate"].startswith("01")
        assert says in notice["message"] and node["notices_omitted"] == 0


@pytest.mark.parametrize("form", ["--csv", "--ndjson", "-q", "--json", "--fold"])
def test_warnings_are_said_in_every_format(pgcensus, nodes, form):
    run = pgcensus("query", form, "select warn(1)", config=nodes)
    assert run.code == 0
    assert run.errors == "pgcensus: 3 nodes: WARNING: disk almost full: pg-[1-3]\n"
    if form == "--ndjson":
        last = parse_json(run.lines[-1])
        said = [node["notices"] for node in last["nodes"]]
        words = [[notice["severity"] for notice in notices] for notices in said]
        assert words == [["WARNING", "NOTICE"]] * 3


def test_a_notice_is_for_those_who_want_to_know_more(pgcensus, nodes):
    run = pgcensus("query", "-v", "select warn(7)", config=nodes)
    assert "pgcensus: 3 nodes: NOTICE: step 7: pg-[1-3]\n" in run.errors
    run = pgcensus("query", "do $$ begin raise notice 'x'; end $$", config=nodes)
    assert run.errors == ""


def test_a_statement_that_failed_after_a_warning(pgcensus, nodes):
    sql = "do $$ begin raise warning 'first'; raise exception 'then'; end $$"
    run = pgcensus("query", sql, config=nodes)
    assert run.code == 2
    warning, error = run.errors.splitlines()
    assert "WARNING: first" in warning and "ERROR: then" in error


# ---- what was not asked for ----


async def _chatty(peer, statement):
    """warns while we log in, in the envelope, and of the statement"""
    warning = wire.notice(f"of {statement}", "01000", "WARNING")
    if "BEGIN" in statement:
        await peer.send(warning)
        await peer.open_envelope()
    elif "ROLLBACK" in statement:
        await peer.answer(warning, wire.complete("ROLLBACK"))
    else:
        await peer.answer(warning, wire.ONE)


def chatty():
    async def script(peer, tls=None, **facts):
        await peer.startup(tls)
        warning = wire.notice("of the login", "01000", "WARNING")
        await peer.send(wire.AUTH_OK, warning, wire.greeting(**facts))
        while True:
            await _chatty(peer, await peer.query())

    return script


def test_only_the_users_statement_is_heard(pgcensus, stage):
    nodes = [stage.fake(chatty()).node("pg", via="pooler")]
    run = pgcensus("query", "-v", "select 1", config=nodes)
    assert run.code == 0
    warnings = [line for line in run.errors.splitlines() if "WARNING" in line]
    assert warnings == ["pgcensus: pg: WARNING: of select 1"]
    run = pgcensus("check", "-v", config=nodes)
    assert "WARNING" not in run.errors + run.text


# ---- hostile ones ----


def after_the_envelope(*messages):
    @fake.with_statements
    async def script(peer, statement):
        if "BEGIN" in statement:
            await peer.open_envelope()
        else:
            await peer.answer(*messages, wire.ONE)

    return script


def test_a_flood_is_counted_and_harms_nobody(pgcensus, stage, nodes):
    flood = b"".join(
        wire.notice(f"row {i} is odd", "01000", "WARNING") for i in range(100_000)
    )
    flooding = stage.fake(after_the_envelope(flood)).node("flood")
    run = pgcensus("query", "select 1", config=[flooding, *nodes], within=60)
    assert run.code == 0 and len(run.errors) < 10_000
    assert run.errors.count("\n") == 33
    assert "pgcensus: flood: WARNING: 99968 more, which were not kept" in run.errors
    run = pgcensus("query", "--json", "select 1", config=[flooding, *nodes])
    flood, *others = run.doc["nodes"]
    assert len(flood["notices"]) == 32 and flood["notices_omitted"] == 99_968
    assert [node["status"] for node in others] == ["ok"] * 3
    assert run.rss_kb < 200_000


def test_a_real_flood(pgcensus, nodes):
    sql = """do $$ begin for i in 1..100000 loop
             raise warning 'the same'; end loop; end $$"""
    run = pgcensus("query", sql, config=nodes[:1], within=60)
    assert run.code == 0
    assert run.errors.splitlines() == [
        "pgcensus: pg-1: WARNING: the same (32 times)",
        "pgcensus: pg-1: WARNING: 99968 more, which were not kept",
    ]


def test_hostile_words(pgcensus, stage):
    said = [
        wire.notice(fake.ESCAPES, "01000", "WARNING"),
        wire.notice("\x1b[2J", "\x1b[31m", "\x1b]0;x\x07"),
        wire.notice("two\nlines\r\npgcensus: other: ERROR: forged", "01000", "WARNING"),
        wire.notice("x" * 100_000, "01000", "WARNING"),
        wire.message(b"N", b"\0"),
    ]
    nodes = [stage.fake(after_the_envelope(*said)).node("pg")]
    run = pgcensus("query", "-v", "select 1", config=nodes)
    assert run.code == 0
    assert_harmless(run.err, run)
    assert not any(l.startswith("pgcensus: other") for l in run.errors.splitlines())
    assert len(run.errors) < 20_000
    run = pgcensus("query", "--json", "select 1", config=nodes)
    assert len(run.doc["nodes"][0]["notices"]) == 5


def test_a_secret_in_a_warning(pgcensus, stage):
    said = wire.notice(f"you are {CANARY}", "01000", "WARNING")
    nodes = [stage.fake(after_the_envelope(said)).node("pg", password=CANARY)]
    for form in ("--json", "--csv", "-v"):
        run = pgcensus("query", form, "select 1", config=nodes)
        assert "you are ***" in run.errors


def test_severities_are_not_translated(pgcensus, stage):
    said = wire.notice("disque presque plein", "01000", "WARNING", spoken="ATTENTION")
    nodes = [stage.fake(after_the_envelope(said)).node("pg")]
    run = pgcensus("query", "--json", "select 1", config=nodes)
    assert run.doc["nodes"][0]["notices"][0]["severity"] == "WARNING"
    assert run.errors == "pgcensus: pg: WARNING: disque presque plein\n"

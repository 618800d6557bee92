"""What a session was set to by others decides nothing: not how values look, not how long
a statement may run, not whether a node is well."""

import csv
import io

import fake
import pytest
import wire
from place import until

# Opposite to what most servers have.
STRANGE = {
    "DateStyle": "SQL, DMY",
    "TimeZone": "Asia/Tokyo",
    "IntervalStyle": "iso_8601",
    "bytea_output": "escape",
    "extra_float_digits": "-10",
    "lc_monetary": "C.UTF-8",
}
VALUES = """select timestamptz '2026-11-30 22:11:40.287+01' as at, date 'epoch' + 10 as on_day,
    interval '1 day 02:00:00' as took, '\\x0001ff'::bytea as bytes,
    0.1::float8 + 0.2::float8 as sum, 12.5::money as cash"""
ALIKE = ["2026-11-30 21:11:40.287+00", "1970-01-11", "1 day 02:00:00", "\\x0001ff",
         "0.30000000000000004", "$12.50"]  # fmt: skip


@pytest.fixture(scope="module")
def roles(primary):
    """Makes a role with these settings, once, and a node that is logged in to as it."""
    made = set()

    def new(name, dbname="postgres", **settings):
        if name not in made:
            primary.sql(f"create role {name} login")
            for setting, value in settings.items():
                primary.sql(f"alter role {name} set {setting} = {value}")
            made.add(name)
        return primary.node(name, user=name, host=primary.home, dbname=dbname)

    return new


def quoted(settings):
    return {k: v if k == "DateStyle" else f"'{v}'" for k, v in settings.items()}


# ---- how values look ----


@pytest.mark.parametrize("form", ["--csv", "--json", "--ndjson", "--fold", "--diff"])
def test_values_look_alike_on_every_server(pgcensus, primary, roles, form):
    """Two servers with the same values had different answers."""
    nodes = [primary.node("usual"), roles("strange", **quoted(STRANGE))]
    run = pgcensus("query", form, VALUES, config=nodes)
    if form == "--csv":
        (_, a, b) = csv.reader(io.StringIO(run.text))
        assert a[1:-1] == b[1:-1] == ALIKE[:-1] and a[-1] == b[-1]
    elif form == "--json":
        assert run.doc["rows"][0][1:4] == run.doc["rows"][1][1:4] == ALIKE[:3]
        assert run.doc["rows"][0][1:] == run.doc["rows"][1][1:]
    else:
        assert run.text.count(ALIKE[0]) == {"--fold": 1, "--diff": 0, "--ndjson": 2}[form]
    assert run.code == 0


def test_a_session_may_show_values_as_it_likes(pgcensus, roles):
    argv = "query", "--csv", "--session-display", VALUES
    run = pgcensus(*argv, config=[roles("strange", **quoted(STRANGE))])
    (_, row) = csv.reader(io.StringIO(run.text))
    assert row[1:6] == ["01/12/2026 06:11:40.287 JST", "11/01/1970", "P1DT2H",
                        "\\000\\001\\377", "0.3"]  # fmt: skip


def test_what_a_statement_means_by_a_date_stays(pgcensus, roles):
    """Only how dates are printed is ours; 01/02 is what it is to the role."""
    node = roles("strange", **quoted(STRANGE))
    run = pgcensus("query", "--csv", "select date '01/02/2026' as d", config=[node])
    assert run.lines == ["node,d", "strange,2026-02-01"]


def test_a_write_meets_the_session_as_it_is(pgcensus, primary, roles):
    """What is written must not depend on who asks."""
    node = {**roles("strange", **quoted(STRANGE)), "allow_write": True}
    argv = "query", "--csv", "--write", "--yes", "select date '01/02/2026' as d"
    assert pgcensus(*argv, config=[node]).lines == ["node,d", "strange,01/02/2026"]
    run = pgcensus(*argv, "--session-display", config=[node])
    assert run.code == 3 and "--session-display" in run.errors


@pytest.mark.parametrize("via", ["direct", "pooler"])
def test_the_display_of_others_is_left_alone(pgcensus, primary, bouncers, via):
    pool = bouncers(f"display-{via}", default_pool_size=1)
    node = primary.node("a") if via == "direct" else pool.node("a", via="pooler")
    sql = "select name, setting from pg_settings where name in ('TimeZone', 'bytea_output')"
    before = primary.sql(sql)
    run = pgcensus("query", "--csv", "show timezone", config=[node])
    assert run.lines[1] == "a,UTC"
    asks = pgcensus("query", "--csv", "--session-display", sql, config=[node])
    told = [line.removeprefix("a,").replace(",", "|") for line in asks.lines[1:]]
    assert sorted(told) == sorted(before.splitlines())


# ---- how long it may take ----


LIMITS = [
    ("2s", [], "2s"),
    ("0", [], "30500ms"),
    ("1h", [], "30500ms"),
    ("25000", [], "25s"),
    ("1min", ["--csv"], "1min"),
    ("2s", ["--set", "query_timeout=1s"], "1500ms"),
]


@pytest.mark.parametrize("limit, options, least", LIMITS)
@pytest.mark.parametrize("via", ["direct", "pooler"])
def test_a_limit_is_only_lowered(
    pgcensus, primary, bouncers, roles, via, limit, options, least
):
    """The two seconds of a role had become half a minute, an hour for CSV."""
    name = f"limited_{limit}"
    node = roles(name, statement_timeout=f"'{limit}'")
    if via == "pooler":
        server = f"host={primary.home} port={primary.port} dbname=postgres user={name}"
        pool = bouncers(f"{name}-{least}", databases={"limited": server})
        node = pool.node("a", dbname="limited", via="pooler")
    argv = "query", "-A", "-t", *options, "show statement_timeout"
    run = pgcensus(*argv, config=[node])
    assert least in run.text, run.text
    assert pgcensus("check", "-q", config=[node]).code == 0


@pytest.mark.parametrize("via", ["direct", "pooler", "undeclared"])
def test_a_write_is_limited_where_the_session_is_its_own(pgcensus, primary, bouncers, via):
    """Behind a pooler, said or not, a setting would be the next client's."""
    pool = bouncers(f"write-{via}", default_pool_size=1)
    node = {
        "direct": primary.node("a", allow_write=True),
        "pooler": pool.node("a", via="pooler", allow_write=True),
        "undeclared": pool.node("a", allow_write=True),
    }[via]
    argv = "query", "-A", "-t", "--write", "--yes", "show statement_timeout"
    run = pgcensus(*argv, config=[node])
    assert run.lines == ["a|30500ms" if via == "direct" else "a|0"]
    assert pgcensus(*argv, config=[node]).lines == run.lines


def test_a_limit_that_strikes_says_whose_it_is(pgcensus, roles):
    node = roles("limited_500ms", statement_timeout="'500ms'")
    run = pgcensus("query", "--json", "select pg_sleep(20)", config=[node])
    error = run.doc["nodes"][0]["error"]
    assert (error["class"], error["sqlstate"]) == ("timeout", "57014")
    assert "not query_timeout" in error["message"], error


def test_other_limits_stay(pgcensus, roles):
    settings = {"lock_timeout": "'7s'", "idle_in_transaction_session_timeout": "'8s'",
                "work_mem": "'123kB'"}  # fmt: skip
    sql = "select current_setting('lock_timeout') as a, current_setting('work_mem') as c," \
          " current_setting('idle_in_transaction_session_timeout') as b"  # fmt: skip
    run = pgcensus("query", "--csv", sql, config=[roles("bound", **settings)])
    assert run.lines[1] == "bound,7s,123kB,8s"


# ---- whether a node is well ----

WELL = {
    "serializable": {"default_transaction_isolation": "'serializable'"},
    "read_only": {"default_transaction_read_only": "on"},
    "impatient": {"statement_timeout": "'1ms'", "lock_timeout": "'1ms'"},
    "leaving": {"idle_in_transaction_session_timeout": "'1ms'"},
    "unfiltered": {"row_security": "off"},
    "lost": {"search_path": "nowhere"},
}


@pytest.fixture(scope="module")
def odd(primary, standby, roles):
    """Nodes on the primary and on the standby, whose roles have odd settings."""
    for name, settings in WELL.items():
        roles(name, **settings)
    until(lambda: standby.sql("select count(*) from pg_roles where rolname = 'lost'") == "1")
    return [
        server.node(f"{server.name}-{name}", user=name, host=server.home)
        for server in (primary, standby)
        for name in WELL
    ]


def test_no_setting_of_a_role_makes_a_node_down(pgcensus, odd):
    """A standby refuses the isolation serializable, and was down by it."""
    run = pgcensus("check", "--json", config=odd)
    told = {n["node"]: (n["status"], n["error"] and n["error"]["message"])
            for n in run.doc["nodes"]}  # fmt: skip
    assert set(told.values()) == {("ok", None)}, told


def test_no_setting_of_a_role_costs_a_fact(pgcensus, odd):
    nodes = [node for node in odd if not node["name"].endswith("impatient")]
    run = pgcensus("check", "--json", config=nodes)
    missing = {n["node"]: n["facts_missing"] for n in run.doc["nodes"]}
    assert all(parts == [] for parts in missing.values()), missing


@pytest.mark.parametrize("options", [[], ["--healthy"], ["--role", "standby"]])
def test_no_setting_of_a_role_keeps_a_node_from_answering(pgcensus, odd, options):
    limited = "impatient", "leaving"  # and a limit stays, as short as it may be
    nodes = [node for node in odd if not node["name"].endswith(limited)]
    run = pgcensus("query", "--csv", *options, "select 1 as a", config=nodes)
    assert run.code == 0, run
    assert len(run.lines) == 1 + len(nodes) // (2 if "--role" in options else 1)


# ---- texts in no encoding ----


@pytest.fixture(scope="module")
def ascii_node(primary):
    primary.sql("create database mess encoding 'SQL_ASCII' template template0")
    primary.sql("create table bad(id int, t text); grant select on bad to public;"
                r"insert into bad values (1, e'caf\xe9'), (2, e'a\xff\xfeb'),"
                r" (3, e'\xc3\xa9'), (4, e'\x9b31m')", "mess")  # fmt: skip
    return primary.node("mess", dbname="mess")


def test_rows_of_a_database_in_no_encoding(pgcensus, primary, ascii_node):
    """One byte that is no UTF-8 had cost all rows of the node: 22021."""
    nodes = [ascii_node, primary.node("usual")]
    sql = "select * from bad order by id"
    path = pgcensus.path("mess.csv", "")
    run = pgcensus("query", "--csv", "-o", path, sql, config=nodes[:1])
    rows = b"mess,1,caf\xe9\nmess,2,a\xff\xfeb\nmess,3,\xc3\xa9\nmess,4,\x9b31m\n"
    with open(path, "rb") as file:
        assert run.code == 0 and file.read() == b"node,id,t\n" + rows
    run = pgcensus("query", "--json", sql, config=nodes[:1])
    texts = [row[2] for row in run.doc["rows"]]
    assert texts[0] == "caf\ufffd" and texts[2] == "\u00e9" and len(texts) == 4
    for form in [], ["-x"], ["--fold"], ["--ndjson"]:
        run = pgcensus("query", *form, sql, config=nodes[:1])
        assert run.code == 0 and "caf" in run.text
    run = pgcensus("query", "--csv", "select 'caf\u00e9' as t", config=nodes)
    assert run.lines == ["node,t", "mess,caf\u00e9", "usual,caf\u00e9"]


def test_encodings_of_others_stay(pgcensus, primary, ascii_node):
    sql = "show client_encoding"
    run = pgcensus("query", "--csv", sql, config=[ascii_node, primary.node("usual")])
    assert run.lines == ["node,client_encoding", "mess,SQL_ASCII", "usual,UTF8"]


def test_each_node_is_met_in_its_own_way(pgcensus, primary, ascii_node):
    """What is sent first is written once for nodes that are alike: none of these are."""
    def with_limit(name, seconds, **others):
        return {**primary.node(name, **others), "query_timeout": f"{seconds}s"}

    nodes = [with_limit("a", 11), with_limit("b", 22), with_limit("c", 22, dbname="mess"),
             with_limit("d", 22), with_limit("e", 11, dbname="mess"), ascii_node]
    sql = """select current_setting('statement_timeout') as most,
        current_setting('client_encoding') as encoding"""
    run = pgcensus("query", "--json", "-j", "1", sql, config=nodes)
    assert [row[1:] for row in run.doc["rows"]] == [
        ["11500ms", "UTF8"], ["22500ms", "UTF8"], ["22500ms", "SQL_ASCII"],
        ["22500ms", "UTF8"], ["11500ms", "SQL_ASCII"], ["30500ms", "SQL_ASCII"]]  # fmt: skip


# ---- servers that lack something ----


def refusing(*names, sqlstate="42704", words='unrecognized configuration parameter "%s"'):
    """A server that knows nothing of these settings."""

    @fake.with_statements
    async def script(peer, statement):
        unknown = [name for name in names if name in statement]
        if unknown:
            peer.note("refused")
            await peer.answer(wire.error(sqlstate, words % unknown[0], "ERROR"))
        else:
            await fake.select_one(peer, statement)

    return script


WINDOWS = refusing(
    "client_connection_check_interval", sqlstate="22023",
    words='invalid value for parameter "%s": 500',
)  # fmt: skip


def test_a_server_without_client_connection_check_interval(pgcensus, stage):
    """On Windows every query had failed."""
    server = stage.fake(WINDOWS)
    assert pgcensus("check", "--facts", "none", config=[server.node("w")]).code == 0
    run = pgcensus("query", "--json", "select 1", config=[server.node("w")])
    assert run.code == 0
    assert server.count("refused") == 1
    assert "'TimeZone'" in server.notes("query")[-2], "the rest is kept"
    server = stage.fake(WINDOWS)
    argv = "query", "--ndjson", "--repeat", "1ms", "--deadline", "1s", "select 1"
    pgcensus(*argv, config=[server.node("w")])
    assert server.count("refused") == 1, "the node remembers"


def test_windows_is_told_by_its_version(pgcensus, primary):
    """No ERROR is left in the log of a server that has told what it is."""
    sql = "select current_setting('client_connection_check_interval') as i"
    run = pgcensus("query", "--csv", sql, config=[primary.node("a")])
    assert run.lines[1] == "a,500ms"


@pytest.mark.parametrize("known", ["some", "none"])
def test_a_server_with_few_settings_of_its_own(pgcensus, stage, known):
    """A fork that speaks the protocol and knows other settings."""
    names = ["lc_monetary", "IntervalStyle", "bytea_output", "client_connection_check"]
    server = stage.fake(refusing(*(names if known == "some" else ["set_config"])))
    run = pgcensus("query", "--json", "select 1", config=[server.node("fork")])
    assert run.code == 0 and server.count("refused") == (4 if known == "some" else 1)
    assert server.notes("query")[-1] == "select 1"


@pytest.mark.parametrize("known", ["some", "none"])
def test_a_write_on_a_server_with_few_settings(pgcensus, stage, known):
    names = ["client_connection_check"] if known == "some" else ["set_config"]
    server = stage.fake(refusing(*names))
    argv = "query", "--json", "--write", "--yes", "delete from t"
    run = pgcensus(*argv, config=[server.node("fork", allow_write=True)])
    assert run.code == 0 and server.count("refused") == 1
    assert server.notes("query").count("delete from t") == 1


# ---- servers that do not do as they say ----


async def opens_nothing(peer, statement):
    """is idle after BEGIN"""
    await peer.send(wire.ONE, wire.READY)


async def writes_all_the_same(peer, statement):
    """opens a transaction that may write"""
    row = wire.columns("transaction_read_only") + wire.row("off")
    await peer.answer(row, wire.complete("SELECT 1"))


@pytest.mark.parametrize("script", [opens_nothing, writes_all_the_same])
def test_nothing_is_sent_without_an_envelope(pgcensus, stage, script):
    server = stage.fake(fake.with_statements(script))
    run = pgcensus("query", "--json", "delete from important", config=[server.node("a")])
    error = run.doc["nodes"][0]["error"]
    assert run.code == 2 and error["class"] == "protocol"
    assert "did not open a read-only transaction" in error["message"]
    assert "delete from important" not in server.notes("query")


async def commits_itself(peer, statement):
    """ends the transaction with the answer to the statement"""
    if "BEGIN" in statement:
        await peer.open_envelope()
        return
    peer.ready = wire.READY
    await peer.answer(wire.ONE)


@pytest.mark.parametrize("form", ["--json", "--csv"])
def test_an_envelope_that_was_left_is_said(pgcensus, stage, form):
    server = stage.fake(fake.with_statements(commits_itself))
    run = pgcensus("query", form, "select 1", config=[server.node("a")])
    assert run.code != 0 and "the statement may have written" in run.errors

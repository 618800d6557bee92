"""Values come out as they are: CSV byte by byte as psql's, JSON with every digit."""

import csv
import io
import json
import os
import subprocess

import pytest
from place import binary

TYPES = """
select 'NaN'::numeric as nan, repeat('1234567890', 10)::numeric as digits,
    -9223372036854775808 as least, 9223372036854775807 as most,
    1.7976931348623157e308::float8 as huge, 5e-324::float8 as tiny,
    'Infinity'::float8 as inf, '-Infinity'::float4 as ninf, 0.1::float4 as f4,
    '\\xdeadbeef00'::bytea as bytes, array[1,null,3] as ints,
    array['a,b', 'c"d', null, ''] as words, row(1, 'x,y', null) as composite,
    '{"a": [1, 2.50, null], "b": "x"}'::json as j, '{"a": 1}'::jsonb as jb,
    interval '1 year 2 days 03:04:05.678' as iv, 'infinity'::timestamptz as forever,
    '-infinity'::date as never, timestamp '2001-02-03 04:05:06.789' as ts,
    '10.0.0.0/8'::cidr as net, 'f'::bool as no, 4294967295::oid as oid,
    B'1010' as bits, int4range(1, 5) as span, 'x'::"char" as c, '12.34'::money as cash
"""
TEXTS = r"""
select * from (values
    (1, ''), (2, null), (3, 'a,b'), (4, 'say "hi"'), (5, e'two\nlines'),
    (6, e'cr\rlf\r\n'), (7, '\.'), (8, ' blanks '), (9, e'tab\t'),
    (10, U&'\+01F600 \65e5\672c'), (11, e'e\u0301'), (12, '''quoted''')
) v(id, t)
"""
SHAPES = [
    "select",
    "select from generate_series(1,3)",
    "select 1 as a where false",
    "select 1 as a, 2 as a, 3 as \"A\"",
    'select 1 as "a,b", 2 as "say ""hi""", 3 as "two\nlines", 4 as " "',
    "select null as only",
    "select '' as only",
    "select '\\.' as only",
]


# How values are asked to look, whatever a session has; see pgcensus-query(1).
ALIKE = {
    "DateStyle": "ISO",
    "TimeZone": "UTC",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "3",
    "lc_monetary": "C",
}


def psql_csv(cluster, sql, session=ALIKE):
    options = " ".join(f"-c {name}={value}" for name, value in session.items())
    done = subprocess.run(
        [binary("psql"), "-X", "--csv", "-h", cluster.home, "-p", str(cluster.port)]
        + ["-U", "trusty", "-d", "postgres", "-c", sql],
        stdout=subprocess.PIPE,
        env={**os.environ, "PGOPTIONS": options},
        check=True,
    )
    return done.stdout.decode()


def with_node(text, name):
    """What psql printed, with our column in front of each record."""
    records, quoted, start = [], False, 0
    for at, char in enumerate(text):
        quoted ^= char == '"'
        if char == "\n" and not quoted:
            records.append(text[start:at])
            start = at + 1
    first = ["node"] + [name] * (len(records) - 1)
    return "".join(f"{a},{b}\n" for a, b in zip(first, records))


@pytest.mark.parametrize("sql", [TYPES, TEXTS, *SHAPES[2:]])
def test_csv_is_psqls(pgcensus, primary, sql):
    run = pgcensus("query", "--csv", sql, config=[primary.node("pg")])
    assert run.code == 0
    assert run.text == with_node(psql_csv(primary, sql), "pg")


@pytest.mark.parametrize("sql", [TYPES, TEXTS])
def test_csv_of_the_session_is_psqls(pgcensus, primary, sql):
    argv = "query", "--csv", "--session-display", sql
    run = pgcensus(*argv, config=[primary.node("pg")])
    assert run.text == with_node(psql_csv(primary, sql, session={}), "pg")


@pytest.mark.parametrize("sql, lines", zip(SHAPES, [["node", "pg"], ["node"] + ["pg"] * 3]))
def test_csv_without_columns(pgcensus, primary, sql, lines):
    """psql prints an empty line for any number of such rows; ours are counted."""
    run = pgcensus("query", "--csv", sql, config=[primary.node("pg")])
    assert (run.code, run.lines) == (0, lines)


def test_csv_that_was_kept_is_the_same(pgcensus, primary):
    nodes = [primary.node("pg")]
    streamed = pgcensus("query", "--csv", TEXTS, config=nodes)
    kept = pgcensus("query", "--csv", "--fold", TEXTS, config=nodes)
    as_folded = [row[:1] + ["1"] + row[1:] for row in _rows(streamed)]
    as_folded[0] = ["nodes", "count", "id", "t"]
    assert _rows(kept) == as_folded


def _rows(run):
    return list(csv.reader(io.StringIO(run.text, newline="")))


def test_every_digit_is_in_the_document(pgcensus, primary):
    run = pgcensus("query", "--json", TYPES, config=[primary.node("pg")])
    doc = json.loads(run.text, parse_int=str, parse_float=str)
    row = dict(zip([c["name"] for c in doc["columns"]], doc["rows"][0]))
    assert row["digits"] == "1234567890" * 10
    assert row["least"] == "-9223372036854775808"
    assert row["most"] == "9223372036854775807"
    assert row["huge"] == "1.7976931348623157e+308" and row["tiny"] == "5e-324"
    assert (row["nan"], row["inf"], row["ninf"]) == ("NaN", "Infinity", "-Infinity")
    assert row["j"] == {"a": ["1", "2.50", None], "b": "x"} and row["jb"] == {"a": "1"}
    assert row["no"] is False and row["oid"] == "4294967295"
    assert row["bytes"] == "\\xdeadbeef00" and row["ints"] == "{1,NULL,3}"
    assert row["forever"] == "infinity" and row["composite"] == '(1,"x,y",)'


def test_texts_in_the_document(pgcensus, primary):
    run = pgcensus("query", "--json", TEXTS, config=[primary.node("pg")])
    texts = [row[2] for row in run.doc["rows"]]
    assert texts[:6] == ["", None, "a,b", 'say "hi"', "two\nlines", "cr\rlf\r\n"]
    assert texts[9] == "\U0001f600 \u65e5\u672c"


@pytest.mark.parametrize("options", [[], ["--rows", "objects"], ["--fold"], ["--diff"]])
def test_jq_reads_every_document(pgcensus, primary, options):
    nodes = [primary.node("a"), primary.node("b", dbname="template1")]
    for sql in TYPES, TEXTS, "select current_database() as k, 1 as v", SHAPES[0]:
        run = pgcensus("query", "--json", *options, sql, config=nodes)
        jq = subprocess.run(
            ["jq", "-e", ".schema, .rows"], input=run.out, stdout=subprocess.PIPE
        )
        assert jq.returncode == 0


def test_a_line_is_a_line(pgcensus, primary):
    """json keeps its white space in PostgreSQL, and there are newlines in texts."""
    sql = "select e'{\"a\":\\n [1,\\n2]}'::json as j, e'x\\ny' as t"
    run = pgcensus("query", "--ndjson", sql, config=[primary.node("pg")])
    row, summary = map(json.loads, run.lines)
    assert row["row"] == {"j": {"a": [1, 2]}, "t": "x\ny"}


def test_sqlite_reads_the_csv(pgcensus, primary):
    run = pgcensus("query", "--csv", TEXTS, config=[primary.node("pg")])
    path = pgcensus.path("all.csv", run.text)
    done = subprocess.run(
        ["sqlite3", ":memory:", ".mode csv", f".import {path} t"]
        + ["select count(*), max(length(t)) from t"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.stdout.strip() == "12,9"


def test_python_reads_the_csv(pgcensus, primary):
    run = pgcensus("query", "--csv", TEXTS, config=[primary.node("pg")])
    rows = _rows(run)
    assert len(rows) == 13 and rows[5][2] == "two\nlines" and rows[6][2] == "cr\rlf\r\n"


# ---- tables ----

WIDE = "select " + ", ".join(f"{i} as column_{i}" for i in range(300))
SCRIPTS = r"""select U&'\65e5\672c\8a9e' as wide, e'e\u0301' as combining,
    U&'\+01F600' as emoji, 'plain' as last"""


def test_wide_characters_do_not_shift_columns(pgcensus, primary):
    import unicodedata

    def width(text):
        return sum(
            0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
            for c in text
        )

    run = pgcensus("query", "-n", "pg", SCRIPTS, config=[primary.node("pg")])
    if "utf8proc  off" in pgcensus("--version").text:
        pytest.skip("built without utf8proc")
    header, rule, row = run.lines[:3]
    bars = [width(row[:i]) for i, c in enumerate(row) if c == "|"]
    assert bars == [i for i, c in enumerate(header) if c == "|"]
    assert bars == [i for i, c in enumerate(rule) if c == "+"]


def test_three_hundred_columns(pgcensus, primary):
    run = pgcensus("query", "-n", "pg", WIDE, config=[primary.node("pg")])
    assert len({len(line) for line in run.lines[:2]}) == 1
    assert run.lines[0].count("|") == 300
    run = pgcensus("query", "-n", "pg", "-x", WIDE, config=[primary.node("pg")])
    assert sum("column_" in line for line in run.lines) == 300


def test_forty_columns_of_terminal(pgcensus, primary):
    argv = "query", "--width", "40", "-x=auto", "select repeat('wide ', 30) as t, 1 as n"
    run = pgcensus(*argv, config=[primary.node("pg")])
    assert run.lines[0].startswith("-[ RECORD 1 ]") and len(run.lines[0]) <= 40
    assert run.lines[1:4] == ["node | pg", "t    | " + "wide " * 30, "n    | 1"]
    narrow = pgcensus("query", "--width", "40", "-x=auto", "select 1", config=[primary.node("pg")])
    assert not narrow.lines[0].startswith("-[")


def test_fields_and_null(pgcensus, primary):
    argv = "query", "-A", "-t", "-P", "null=~", "select 1 as a, null as b, 'x' as c"
    run = pgcensus(*argv, config=[primary.node("pg")])
    assert run.lines == ["pg|1|~|x"]


def test_escape_sequences_are_shown(pgcensus, primary):
    sql = r"select e'\x1b[31mred' as a, U&'\202e' || 'bidi' as " + '"\x1b]0;owned\x07"'
    for options in [], ["-x"], ["-A"], ["--fold"]:
        run = pgcensus("query", *options, sql, config=[primary.node("pg")])
        assert "\\x1b[31mred" in run.text and "\\u{202e}bidi" in run.text


def test_reading_it_all_back(pgcensus, primary):
    """What --reduce sees is what came: no digit is lost on the way."""
    sql = "select '123456789012345678901234567890.123456789'::numeric as n"
    argv = "query", "--json", "--reduce", "select n, typeof(n) as t from r", sql
    run = pgcensus(*argv, config=[primary.node("pg")])
    if "built without SQLite" in run.errors:
        pytest.skip("built without SQLite")
    doc = json.loads(run.text, parse_float=str)
    assert doc["rows"] == [["123456789012345678901234567890.123456789", "real"]]
    assert doc["columns"][0]["type"] == "numeric"

"""Answers that are compared: every type, every way to compare, on two servers whose
settings are opposite, against what PostgreSQL itself says of all values together."""

import csv
import io
import os
import subprocess
from decimal import Decimal

import comparable
import pytest
from place import binary

# As the program asks for them; psql is the judge.
PINNED = (
    "-c datestyle=ISO -c timezone=UTC -c intervalstyle=postgres -c bytea_output=hex "
    "-c extra_float_digits=1 -c lc_monetary=C"
)


@pytest.fixture(scope="module")
def nodes(pair):
    return [cluster.node(cluster.name) for cluster in pair]


@pytest.fixture
def reduces(pgcensus):
    if "SQLite       off" in pgcensus("--version").text:
        pytest.skip("built without SQLite")


def read(text):
    return list(csv.reader(io.StringIO(text)))[1:]


def judge(cluster, sql):
    """What PostgreSQL says."""
    done = subprocess.run(
        [binary("psql"), "-X", "--csv", "-v", "ON_ERROR_STOP=1", "-h", cluster.home]
        + ["-p", str(cluster.port), "-U", "postgres", "-d", "postgres", "-c", sql],
        env={**os.environ, "PGOPTIONS": PINNED},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 0, f"{sql}\n{done.stderr}"
    return read(done.stdout)


def reduced(pgcensus, nodes, sql, second):
    run = pgcensus("query", "--csv", "--reduce", second, sql, config=nodes)
    assert run.code == 0, f"{second}\n{sql}\n{run.errors}"
    return read(run.text)


TEXTS_MIX = {"order-by", "descending", "order-by-max", "subquery"}


def by_value(rows):
    """Of equal numerics, 1.1 and 1.10, any may be shown."""
    return [[Decimal(c) if c[-1:].isdigit() else c for c in row] for row in rows]


@pytest.mark.parametrize("name, operation", list(comparable.statements()))
def test_reduce_says_what_postgresql_says(pgcensus, pair, nodes, reduces, name, operation):
    second = comparable.statement(name, operation)
    same = comparable.statement(name, operation, quoted=True)
    expected = judge(pair[0], f"with r as ({comparable.table(name)}) {same}")
    found = reduced(pgcensus, nodes, comparable.question(name), second)
    if name in comparable.MANY_TEXTS and found != expected and operation in TEXTS_MIX:
        found, expected = by_value(found), by_value(expected)
    assert found == expected


# ---- --min, --max, --sum, --avg, --count ----


def told(pgcensus, nodes, name, *options):
    run = pgcensus("query", "--csv", *options, comparable.question(name), config=nodes)
    assert run.code == 0, run.errors
    return read(run.text)


@pytest.mark.parametrize("name", [n for n in comparable.TYPES if n != "bit"])
def test_min_and_max_say_what_postgresql_says(pgcensus, pair, nodes, name):
    extreme = "select v from r order by v {0}, id limit 1"
    rows = comparable.table(name)
    least, most = (
        judge(pair[0], f"with r as ({rows}) {extreme.format(way)}")[0][0]
        for way in ("", "desc")
    )
    found = told(pgcensus, nodes, name, "--min", "v", "--max", "v")[0]
    same = judge(pair[0], f"select '{found[0]}'::{comparable.TYPES[name][0]} = '{least}'"
                 f", '{found[1]}'::{comparable.TYPES[name][0]} = '{most}'")  # fmt: skip
    assert same == [["t", "t"]], (found, least, most)


@pytest.mark.parametrize("name", sorted(comparable.ADDED_UP | {"float8"}))
def test_sums_say_what_postgresql_says(pgcensus, pair, nodes, name):
    rows = comparable.table(name)
    said = "sum(v::numeric), avg(v::numeric), count(v)"
    expected = judge(pair[0], f"with r as ({rows}) select {said} from r")[0]
    found = told(pgcensus, nodes, name, "--sum", "v", "--avg", "v", "--count", "v")[0]
    assert found[2] == expected[2]
    for ours, theirs in zip(map(Decimal, found[:2]), map(Decimal, expected[:2])):
        assert str(ours) == str(theirs) or abs(ours - theirs) <= abs(theirs) / 10**15


REFUSED = {
    "timetz '10:00+01'": "v::time",
    "array[1, 2]": "v::text",
    "json '1'": "v::text",
    "'ok'::mood": "v::text",
    "point '(1,2)'": "v::text",
}


@pytest.mark.parametrize("value", REFUSED)
def test_what_is_refused_names_a_cast_that_works(pgcensus, nodes, value):
    run = pgcensus("query", "--max", "v", f"select {value} as v", config=nodes)
    assert run.code == 3 and f"cast it: {REFUSED[value]}" in run.errors
    assert "--reduce" not in run.errors
    cast = f"select {REFUSED[value]} as v from (select {value} as v) x"
    assert pgcensus("query", "--max", "v", cast, config=nodes).code == 0


# ---- --reduce: what has no order ----

MOODS = "select v from (values ('ok'::mood), ('sad'), ('happy'), ('ok')) x(v)"


@pytest.mark.parametrize(
    "second",
    [
        "select max(v) from r",
        "select v from r order by v",
        "select node, v from r order by node, v desc limit 3",
        "select v, count(*) from r group by v order by v",
        "select count(*) from r where v < 'sad'",
        "select count(*) from r where v between 'a' and 'z'",
        "select node from r group by node having min(v) > 'ok'",
        "select v, rank() over (order by v) from r",
        "select coalesce(v, 'none') from r order by coalesce(v, 'none')",
    ],
)
def test_an_enum_is_not_put_in_order(pgcensus, nodes, reduces, second):
    run = pgcensus("query", "--reduce", second, MOODS, config=nodes)
    assert run.code == 3 and "v (a type of its own) cannot be put in order" in run.errors
    assert "v::text" in run.errors


@pytest.mark.parametrize(
    "second, rows",
    [
        ("select count(*) from r where v = 'ok'", [["4"]]),
        ("select count(*), count(distinct v) from r where v <> 'sad'", [["6", "2"]]),
        ("select count(*) as n from r group by v order by n desc", [["4"], ["2"], ["2"]]),
        ("select count(*) from r a join r b on a.v = b.v", [["24"]]),
        ("select v from r limit 2", [["ok"], ["sad"]]),
        ("select count(*) from (select distinct v from r)", [["3"]]),
        ("select node, group_concat(v) as all_v from r group by node order by node limit 1",
         [["one", "ok,sad,happy,ok"]]),
    ],
)  # fmt: skip
def test_an_enum_can_be_grouped(pgcensus, nodes, reduces, second, rows):
    assert reduced(pgcensus, nodes, MOODS, second) == rows


@pytest.mark.parametrize("kind", ["json", "xml", "point"])
def test_what_has_no_equality_is_only_shown(pgcensus, nodes, reduces, kind):
    text = {"json": "[1.0]", "xml": "<a/>", "point": "(1,2)"}[kind]
    sql = f"select '{text}'::{kind} as v"
    assert reduced(pgcensus, nodes, sql, "select v from r") == [[text], [text]]
    for second in "select v from r group by v", "select 1 from r where v = 'x'":
        run = pgcensus("query", "--reduce", second, sql, config=nodes)
        assert run.code == 3 and f"v ({kind}) cannot be compared" in run.errors
        assert "v::text" in run.errors


def test_what_a_session_displays_is_compared_or_refused(pgcensus, nodes, reduces):
    """The one writes ISO in another zone, the other one SQL and ISO 8601."""
    instant = "select timestamptz '2026-11-30 12:00Z' + g * interval '1 h' as v, g"
    instant += " from generate_series(1, 2) g"
    argv = ["query", "--session-display", "--csv"]
    for second in "select max(v) from r", "select v from r order by v":
        run = pgcensus(*argv, "--reduce", second, instant, config=nodes)
        if "order by" in second:
            assert run.code == 3 and "cannot be compared here" in run.errors
    run = pgcensus(*argv, "--max", "v", instant, config=nodes)
    assert run.code == 3 and "cast it: extract(epoch from v)" in run.errors
    run = pgcensus(*argv, "--fold", instant, config=nodes)
    assert run.code == 3 and "cannot be compared here" in run.errors
    run = pgcensus(*argv, "--max", "v", instant, config=nodes[:1])
    assert read(run.text) == [["2026-11-30 09:00:00-05"]]


# ---- --fold and --diff ----


@pytest.mark.parametrize("name", comparable.TYPES)
def test_equal_answers_of_opposite_sessions_are_equal(pgcensus, nodes, name):
    sql = f"select id, v from ({comparable.table(name)}) x order by id"
    run = pgcensus("query", "--fold", "--exit-code", "--json", sql, config=nodes)
    assert run.code == 0 and len(run.doc["groups"]) == 1, run.text
    run = pgcensus("query", "--diff", "--exit-code", sql, config=nodes)
    assert run.code == 0 and run.lines[-1] == "2 nodes agree"


@pytest.mark.parametrize("name", comparable.TYPES)
def test_fold_sees_the_differences_that_postgresql_sees(pgcensus, pair, nodes, name):
    """Each pair of values, one from each server: equal or not, as by =."""
    kind, one, other = comparable.TYPES[name][:3]
    cast = f"{{}}::{'numeric::money' if kind == 'money' else kind}"
    pairs = [(a, b) for a in one[:3] for b in other[:3]]
    a, b = (
        f"array[{', '.join(cast.format(repr_sql(pair[side])) for pair in pairs)}]"
        for side in (0, 1)
    )
    listed = f"select i, case current_setting('cluster_name') when 'one' then x else y end as v"
    listed += f" from unnest({a}, {b}) with ordinality t(x, y, i)"
    equal = judge(pair[0], f"select x = y from unnest({a}, {b}) t(x, y)")
    run = pgcensus("query", "--diff=one", "--csv", listed, config=nodes)
    differ = {int(row[2]) for row in read(run.text)}
    assert differ == {i for i, row in enumerate(equal, 1) if row == ["f"]}, run.text


def repr_sql(text):
    return "'" + text.replace("'", "''") + "'"

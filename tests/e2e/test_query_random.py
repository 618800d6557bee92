"""--reduce against PostgreSQL, over random values.

A run prints its seed when it fails; PGCENSUS_SEED=… repeats it."""

import os
import random
import re
from decimal import Decimal

import comparable
import pytest
from test_query_comparable import by_value, judge, nodes, reduces  # noqa: F401
from test_query_comparable import reduced

SEED = int(os.environ.get("PGCENSUS_SEED") or random.randrange(1 << 32))
ROUNDS, ROWS = 3, 24

STATEMENTS = {
    "order": "select id, v from r order by v, id",
    "extremes": "select min(v), max(v) from r",
    "of-each": "select node, min(v), max(v) from r group by node order by max(v), node",
    "equal": "select a.id, b.id from r a join r b on a.v = b.v order by 1, 2",
    "less": "select a.id, b.id from r a join r b on a.v < b.v order by 1, 2",
    "limits": "select id from r where v > {0} and v <= {1} or v = {2} order by id",
    "groups": "select min(id), count(*) from r group by v order by 1",
    "rank": "select id, dense_rank() over (order by v desc) from r order by id",
}
SUMS = "select node, sum(v), avg(v) from r group by node order by sum(v), node"


def digits(rng, most):
    return "".join(rng.choice("0123456789") for _ in range(rng.randint(0, most)))


def a_numeric(rng):
    """Short ones, long ones, and zeros where they say nothing."""
    text = rng.choice(["", "-"]) + (digits(rng, rng.choice([1, 6, 30])).lstrip("0") or "0")
    behind = digits(rng, rng.choice([1, 6, 25])) + "0" * rng.choice([0, 0, 3])
    return f"{text}.{behind}" if behind else text


def a_neighbour(rng, text):
    """Differs in one digit, often the last one."""
    places = [i for i, c in enumerate(text) if c.isdigit()]
    at = rng.choice([places[-1], rng.choice(places)])
    return text[:at] + rng.choice("0123456789") + text[at + 1 :]


def a_float(rng):
    plain = rng.choice(["NaN", "Infinity", "-Infinity", "0", "1e300", "5e-324"])
    return rng.choice([plain, repr(rng.uniform(-10, 10)), repr(rng.gauss(0, 1e18))])


def an_int8(rng):
    return str(rng.randint(-(2**63), 2**63 - 1) >> rng.choice([0, 8, 40, 60]))


def an_interval(rng):
    parts = [f"{rng.randint(-40, 40)} {unit}" for unit in ("mon", "day", "h", "min")]
    parts += [f"{rng.randint(-9000, 9000) / 100} s"]
    return " ".join(rng.sample(parts, rng.randint(1, 5)))


def a_moment(rng):
    year = rng.choice([rng.randint(1, 12000), rng.randint(2025, 2026)])
    day = f"{year:04}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    hour = f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}"
    text = f"{day} {hour}.{rng.choice([0, 5, 25, 123456])}Z"
    before = [f"{text} BC"] if year < 4700 else []
    return rng.choice(["infinity", "-infinity"] + [text] * 9 + before)


def an_address(rng):
    if rng.random() < 0.3:
        groups = [rng.choice(["0", "0", f"{rng.randrange(1 << 16):x}"]) for _ in range(8)]
        return ":".join(groups) + rng.choice(["", f"/{rng.randint(0, 128)}"])
    parts = [str(rng.choice([0, 1, 10, 192, rng.randrange(256)])) for _ in range(4)]
    return ".".join(parts) + rng.choice(["", f"/{rng.randint(0, 32)}"])


def some_money(rng):
    return f"{rng.randint(-(10**12), 10**12) >> rng.choice([0, 20, 34])}.{rng.randrange(100):02}"


def some_bytes(rng):
    return "\\x" + bytes(rng.randrange(256) for _ in range(rng.randint(0, 4))).hex()


def a_text(rng):
    return "".join(rng.choice("ab10 é.-") for _ in range(rng.randint(0, 3)))


MAKERS = {
    "numeric": a_numeric,
    "float8": a_float,
    "int8": an_int8,
    "interval": an_interval,
    "timestamptz": a_moment,
    "inet": an_address,
    "money": some_money,
    "bytea": some_bytes,
    "text": a_text,
    "char(3)": a_text,
}


def random_values(rng, kind):
    values = [MAKERS[kind](rng) for _ in range(ROWS)]
    if kind == "numeric":
        values[::3] = [a_neighbour(rng, rng.choice(values)) for _ in values[::3]]
    values[::5] = [rng.choice(values) for _ in values[::5]]
    return values


def as_floats(rows):
    return [[str(float(c)) if c[-1:].isdigit() else c for c in row] for row in rows]


LONG = re.compile(r"[\d.]{17,}")


def is_crowded(pgcensus, nodes, sql, second, values):
    """A long number that happens to have no double of its own is refused by name: a sum,
    one of the statement's that SQLite reads as another double, or one of the values."""
    close = len(set(map(Decimal, values))) > len(set(map(float, values)))
    if not close and "sum(" not in second and not LONG.search(second):
        return False
    run = pgcensus("query", "--csv", "--reduce", second, sql, config=nodes)
    return run.code == 3 and (
        "more digits than can be kept apart" in run.errors
        or (close and "long numbers too close to each other" in run.errors)
    )


def compare(pgcensus, pair, nodes, kind, values, second, limits=()):
    """limits: as PostgreSQL prints them; numbers stand bare for SQLite."""
    rows = comparable.rows_of(kind, values[: ROWS // 2], values[ROWS // 2 :])
    quoted = [f"'{limit}'::{kind}" for limit in limits]
    numbers = kind in ("numeric", "int8", "float8")
    bare = [f"'{limit}'" for limit in limits]
    if numbers:  # infinity is no number that SQLite reads, only a large one is
        bare = [b if "NaN" in b else b.strip("'").replace("Infinity", "9e999") for b in bare]
    expected = judge(pair[0], f"with r as ({rows}) {second.format(*quoted)}")
    sql, second = comparable.of_one_server(rows), second.format(*bare)
    numerics = values if kind == "numeric" else []
    if is_crowded(pgcensus, nodes, sql, second, numerics):
        return
    found = reduced(pgcensus, nodes, sql, second)
    if kind == "numeric" and found != expected:
        found, expected = map(by_value, (found, expected))
    if kind == "float8":  # the shortest text of a float may be one of two
        found, expected = map(as_floats, (found, expected))
    assert found == expected, f"PGCENSUS_SEED={SEED}: {second}\n{bare}\n{rows}"


@pytest.mark.parametrize("number", range(ROUNDS))
@pytest.mark.parametrize("kind", MAKERS)
def test_random_values_compare_as_in_postgresql(pgcensus, pair, nodes, reduces, kind, number):
    rng = random.Random(f"{SEED} {kind} {number}")
    values = random_values(rng, kind)
    rows = comparable.rows_of(kind, values[: ROWS // 2], values[ROWS // 2 :])
    shown = [row[0] for row in judge(pair[0], f"select v from ({rows}) x where v::text <> ''")]
    for operation, second in STATEMENTS.items():
        if kind == "bytea" and "max(" in second:
            continue  # PostgreSQL has none
        compare(pgcensus, pair, nodes, kind, values, second, rng.sample(shown, 3))
    if kind == "numeric":
        compare(pgcensus, pair, nodes, kind, values, SUMS)

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
OPPOSITE = {
    "datestyle": "German, DMY",
    "timezone": "Asia/Kolkata",
    "intervalstyle": "sql_standard",
    "bytea_output": "escape",
    "extra_float_digits": "-5",
}


@pytest.fixture(scope="module")
def pair(clusters):
    """Two servers: nothing that is set on the one is as on the other."""
    one = clusters.new("one", cluster_name="one", timezone="America/New_York")
    other = clusters.new("other", cluster_name="other", **OPPOSITE)
    for cluster in one, other:
        cluster.sql("create type mood as enum ('sad', 'ok', 'happy')")
    other.sql("alter role trusty set intervalstyle = 'iso_8601'")
    other.sql("alter role trusty set datestyle = 'SQL, MDY'")
    yield one, other
    for cluster in one, other:
        cluster.stop("immediate")


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


TEXTS_MIX = {"order-by", "descending", "order-by-max"}


def by_value(rows):
    """Of equal numerics, 1.1 and 1.10, any may be shown."""
    return [row[:1] + [Decimal(cell) for cell in row[1:]] for row in rows]


@pytest.mark.parametrize("name, operation", list(comparable.statements()))
def test_reduce_says_what_postgresql_says(pgcensus, pair, nodes, reduces, name, operation):
    second = comparable.statement(name, operation)
    same = comparable.statement(name, operation, quoted=True)
    expected = judge(pair[0], f"with r as ({comparable.table(name)}) {same}")
    found = reduced(pgcensus, nodes, comparable.question(name), second)
    if name in comparable.MANY_TEXTS and found != expected and operation in TEXTS_MIX:
        found, expected = by_value(found), by_value(expected)
    assert found == expected

"""Values of each type that are easily compared wrongly, and what is asked of them.

    name: (type, values of the one server, values of the other, two limits)

The limits are written as a statement has them: a number as it is, all else quoted.  Each
statement means the same to SQLite, over all rows, and to PostgreSQL, over their union.
"""

OPPOSITE = {
    "datestyle": "German, DMY",
    "timezone": "Asia/Kolkata",
    "intervalstyle": "sql_standard",
    "bytea_output": "escape",
    "extra_float_digits": "-5",
}

LONG = "123456789012345678901234567890"

TYPES = {
    "int2": ("int2", ["9", "-5", "100"], ["10", "9", "0"], "9", "50"),
    "int4": ("int4", ["9", "-5", "100000"], ["10", "9"], "9", "500"),
    "int8": (
        "int8",
        ["9223372036854775807", "9", "-9223372036854775808"],
        ["9223372036854775806", "10"],
        "9",
        "9223372036854775806",
    ),
    "oid": ("oid", ["4294967295", "9"], ["10", "100", "9"], "10", "3000000000"),
    "numeric": (
        "numeric",
        ["10.5", "6", "500500", "1.10", "-3.25"],
        ["9.25", "100", "1.1", "0.00", "1e20", "0.000001"],
        "1.1",
        "100",
    ),
    "numeric_counts": (
        "numeric",
        ["500500", "6", "18446744073709551616"],
        ["9", "100", "6", "-1"],
        "6",
        "1000",
    ),
    "numeric_long": (
        "numeric",
        [f"{LONG}.1", f"{LONG}.2", "0.33333333333333333333", f"-{LONG}", "3"],
        [f"{LONG}.10", f"{LONG}", "0.33333333333333333334", "0.3333333333333333", "20"],
        "0.33333333333333333333",
        f"{LONG}.1",
    ),
    "numeric_specials": (
        "numeric",
        ["NaN", "1", "Infinity"],
        ["NaN", "-Infinity", "2.5"],
        "1",
        "100",
    ),
    "numeric_money": ("numeric(12,2)", ["9.50", "100.00"], ["9.5", "-1"], "9.5", "20"),
    "float8": (
        "float8",
        ["NaN", "1e300", "-Infinity", "0.1"],
        ["9", "10", "NaN", "Infinity", "0.1", "-0.5", "0.30000000000000004"],
        "0.1",
        "100",
    ),
    "float4": ("float4", ["9", "100", "NaN"], ["10", "-Infinity", "9"], "9", "50"),
    "interval": (
        "interval",
        ["1 day 02:00:00", "23:00:00", "1 mon", "-1 day", "24:00:00"],
        ["30 days", "1 day", "1 year", "00:00:00.5", "10 days", "9 days", "-00:00:01"],
        "'1 day'",
        "'30 days'",
    ),
    "timestamptz": (
        "timestamptz",
        ["2026-11-30 21:11:43Z", "2026-11-30 21:11:40.25Z", "infinity", "0044-03-15 12:00Z BC"],
        ["2026-11-30 22:11:43+01", "10000-01-01Z", "-infinity", "1900-01-01Z"],
        "'2026-11-30 21:11:43+00'",
        "'2030-01-01'",
    ),
    "timestamp": (
        "timestamp",
        ["2026-11-30 21:11:43", "0044-03-15 12:00 BC", "infinity", "2026-11-30 21:11:43.5"],
        ["2026-11-30 21:11:43", "12026-01-01", "0045-01-01 BC", "-infinity"],
        "'2026-11-30 21:11:43'",
        "'2030-01-01'",
    ),
    "date": (
        "date",
        ["2026-02-01", "0044-03-15 BC", "infinity", "10000-01-01"],
        ["2026-01-31", "2026-02-01", "0045-03-15 BC", "-infinity"],
        "'2026-02-01'",
        "'9999-12-31'",
    ),
    "time": ("time", ["09:00", "24:00", "10:00:00.5"], ["10:00", "09:00"], "'10:00'", "'23:59'"),
    "bytea": (
        "bytea",
        [r"\x0001ff", r"\xff", r"\x"],
        [r"\x61", r"\x0001"],
        r"'\x0001ff'",
        r"'\x7f'",
    ),
    "uuid": (
        "uuid",
        ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000001"],
        ["b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
        "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
        "'b0000000-0000-0000-0000-000000000000'",
    ),
    "money": ("money", ["9.50", "-100", "1234.56"], ["10", "9.5", "99999"], "'$9.50'", "'$100.00'"),
    "text": ("text", ["b", "10", "9", " "], ["B", "a", "10", "é"], "'10'", "'a'"),
    "varchar": ("varchar(9)", ["b", "10", "9"], ["B", "10"], "'10'", "'a'"),
    "name": ("name", ["b", "10"], ["B", "10", "a"], "'10'", "'a'"),
    "bpchar": ("char(5)", ["ab", "a", "10"], ["ab   ", "b"], "'ab'", "'abc'"),
    "inet": (
        "inet",
        ["10.0.0.2", "9.0.0.1", "::1", "10.0.0.0/8"],
        ["10.0.0.10", "10.0.0.2", "10.1.0.0/16", "fe80::1", "192.168.0.1/24"],
        "'10.0.0.2'",
        "'100.0.0.0'",
    ),
    "cidr": (
        "cidr",
        ["10.0.0.0/8", "9.0.0.0/8"],
        ["10.0.0.0/16", "::/0"],
        "'10.0.0.0/8'",
        "'11.0.0.0/8'",
    ),
    "macaddr": (
        "macaddr",
        ["08:00:2b:01:02:03", "ff:00:00:00:00:00"],
        ["08:00:2b:01:02:04", "08:00:2b:01:02:03"],
        "'08:00:2b:01:02:03'",
        "'a0:00:00:00:00:00'",
    ),
    "pg_lsn": ("pg_lsn", ["9/FF", "10/1"], ["0/FFFFFFFF", "9/FF"], "'9/FF'", "'A/0'"),
    "xid8": ("xid8", ["18446744073709551615", "9"], ["10", "100", "9"], "9", "50"),
    "bit": ("varbit", ["1", "101", "0111"], ["10", "1"], "'1'", "'101'"),
}

# Equal values in several writings.
MANY_TEXTS = {"numeric", "numeric_long"}
# PostgreSQL has no max() of these.
NO_EXTREMES = {"bytea", "uuid", "macaddr", "bit"}
ADDED_UP = {"int2", "int4", "int8", "numeric", "numeric_counts", "numeric_long"}
ADDED_UP |= {"numeric_specials", "numeric_money"}

EXTREMES = {
    "max": "select max(v) from r",
    "min": "select min(v) from r",
    "having": "select node from r group by node having max(v) > {0} order by 1",
    "order-by-max": "select node, max(v) from r group by node order by max(v), node",
    "subquery": "select m from (select node, max(v) as m from r group by node) x order by m",
}
OPERATIONS = {
    "order-by": "select id, v from r order by v, id",
    "descending": "select id, v from r order by v desc, id limit 3",
    "less": "select id from r where v < {0} order by id",
    "greater": "select id from r where v > {0} order by id",
    "equal": "select id from r where v = {0} order by id",
    "unequal": "select id from r where v <> {1} order by id",
    "between": "select id from r where v between {0} and {1} order by id",
    "in": "select id from r where v in ({0}, {1}) order by id",
    "group-by": "select count(*), min(id) from r group by v order by 2",
    "distinct": "select count(distinct v) from r",
    "join": "select a.id, b.id from r a join r b on a.v = b.v order by 1, 2",
    "less-join": "select a.id, b.id from r a join r b on a.v < b.v order by 1, 2",
    "rank": "select id, rank() over (order by v) from r order by id",
}
SUMS = {
    "sum": "select sum(v) from r",
    "avg": "select avg(v) from r",
    "sum-having": "select node from r group by node having sum(v) > {1} order by 1",
    "running": "select id, sum(v) over (order by id) from r order by id",
}


def statements():
    for name in TYPES:
        every = dict(OPERATIONS)
        if name not in NO_EXTREMES:
            every.update(EXTREMES)
        if name in ADDED_UP:
            every.update(SUMS)
        if name in ("numeric_counts", "numeric_long"):
            every.pop("running")  # sums too close to each other, which is said
        for operation in every:
            yield name, operation


def statement(name, operation, quoted=False):
    """quoted: PostgreSQL wants some numbers so."""
    limits = TYPES[name][3:]
    if quoted and name == "xid8":
        limits = [f"'{limit}'" for limit in limits]
    return {**OPERATIONS, **EXTREMES, **SUMS}[operation].format(*limits)


def rows_of(kind, one, other):
    """A statement that gives the values of both servers; `node` is whose they are."""
    rows = [("one", value) for value in one] + [("other", value) for value in other]
    values = ", ".join(
        "('{}', {}, '{}')".format(place, i, value.replace("'", "''"))
        for i, (place, value) in enumerate(rows)
    )
    cast = "v::numeric::money" if kind == "money" else f"v::{kind}"
    return f"select place as node, id, {cast} as v from (values {values}) t(place, id, v)"


def of_one_server(rows):
    """Each server gives its own rows, without the column that says whose."""
    return f"select id, v from ({rows}) x where node = current_setting('cluster_name')"


def table(name):
    return rows_of(*TYPES[name][:3])


def question(name):
    return of_one_server(table(name))

"""The sections of bench/run: which commands stand side by side, and the goals."""

import json
import re
import statistics

from rounds import (
    Row, Steady, at_least, at_most, measure_all, print_steady, print_table, usable,
)
from servers import Cluster, Responder, postgres_bin

PASSWORD = "bench-secret"

# Five columns of the kinds that people ask for; every 20th text has to be quoted.
TABLE_ROWS = 100_000
TABLE = f"""\
CREATE TABLE measured AS
SELECT i * 1000003::int8 AS x,
       'row ' || lpad(i::text, 14, '0') || CASE WHEN i % 20 = 0 THEN ', "x"'
                                                ELSE '' END AS name,
       (i * 1.2345)::numeric(14, 4) AS price,
       timestamptz '2024-01-01 00:00+00' + i * interval '1.234567 s' AS seen,
       CASE WHEN i % 3 <> 0 THEN i % 2 = 0 END AS flag
FROM generate_series(1, {TABLE_ROWS}) AS i"""
ALL_ROWS = "SELECT x, name, price, seen, flag FROM measured"
BARE = {"PGUSER": "bench", "PGDATABASE": "postgres", "PGSSLMODE": "disable",
        "PGGSSENCMODE": "disable"}


def count_ok(text):
    """Of the floor and the peers, which print "N ok"."""
    return int(re.search(r"(\d+) ok", text)[1])


def count_lines(text):
    """Of psql, which prints a 1 for every node."""
    return text.split().count("1")


def count_summary(text):
    """Of pgcensus check --json."""
    return json.loads(text)["summary"]["ok"]


def count_nodes(text):
    return len(json.loads(text)["nodes"])


def count_csv(text):
    """No value holds a line break, and pgcensus alone writes a header."""
    return text.count("\n") - text.startswith("node,")


def count_ndjson(text):
    return text.count('"row":{')


def count_reduced(text):
    """Of select count(*), … from r, as CSV."""
    return int(re.search(r"^(\d+),", text, re.MULTILINE)[1])


class Sections:
    """`stage` knows the programs, the peers that are here, and a directory."""

    def __init__(self, stage):
        self.stage = stage

    # ---- rows ----

    def floor(self, label, nodes, n, *keywords, deadline_ms=None, status=0):
        """`keywords` in libpq's words; user, dbname and no Kerberos by default, which
        is what pgcensus asks for, too."""
        argv = [self.stage.program("floor")]
        if deadline_ms:
            argv += ["-d", str(deadline_ms)]
        argv += self.floor_nodes(nodes)
        if not any(word.startswith("user=") for word in keywords):
            argv.append("user=bench")
        return Row(label, argv + list(keywords), count_ok, n, status)

    def floor_nodes(self, nodes):
        return [self.stage.list_of(nodes), "dbname=postgres", "gssencmode=disable"]

    def floor_rows(self, label, nodes, n, sql, *keywords):
        argv = [self.stage.program("floor"), "-d", "60000", "-q", sql,
                *self.floor_nodes(nodes), "user=bench", *keywords]
        return Row(label, argv, count_csv, n, counted="rows came")

    def pgcensus(self, label, nodes, n, *options, user="bench", status=0, env=None,
                 facts="none"):
        """The floor asks one question, and so does this unless it is told."""
        config = self.stage.config_of(nodes, user)
        argv = [self.stage.program("pgcensus"), "check", "-C", config, "--json",
                "--facts", facts]
        return Row(label, argv + list(options), count_summary, n, status, env or {})

    def query(self, label, nodes, n, sql, *options, count=count_csv):
        config = self.stage.config_of(nodes, "bench")
        argv = [self.stage.program("pgcensus"), "query", "-C", config, "-T", "60s"]
        return Row(label, [*argv, *options, sql], count, n, counted="rows came")

    def peers(self, nodes, n, env):
        path, stage = self.stage.list_of(nodes), self.stage
        env = {"PSQL": stage.psql or "", **env}
        shell = [("psql, one by one", ["sh", stage.peer("psql_loop.sh"), path]),
                 ("psql, xargs -P 16", ["sh", stage.peer("psql_xargs.sh"), path])]
        rows = [Row(label, argv, count_lines, n, 0, env)
                for label, argv in shell if stage.psql]
        if stage.asyncpg:
            argv = [stage.asyncpg, stage.peer("asyncpg_gather.py"), path]
            rows.append(Row("asyncpg, gather", argv, count_ok, n, 0, env))
        if stage.node_pg:
            argv = ["node", stage.peer("node_pg.mjs"), path]
            rows.append(Row("node pg, allSettled", argv, count_ok, n, 0, env))
        return rows

    def row_peers(self, nodes, n, sql):
        path, stage = self.stage.list_of(nodes), self.stage
        env = {"PSQL": stage.psql or "", "PEER_TIMEOUT": "60", **BARE}
        programs = [
            ("psql --csv, xargs -P 8", stage.psql and ["sh", stage.peer("psql_csv.sh")]),
            ("asyncpg, csv", stage.asyncpg and [stage.asyncpg,
                                                stage.peer("asyncpg_csv.py")]),
            ("node pg, csv", stage.node_pg and ["node", stage.peer("node_pg_csv.mjs")]),
        ]
        return [Row(label, [*argv, path, sql], count_csv, n, 0, env, "rows came")
                for label, argv in programs if argv]

    def show(self, rows, runs=None):
        measure_all(rows, self.stage.program("measure"), runs or self.stage.runs)
        print_table(rows)
        return {row.label: row for row in rows}

    # ---- sections ----

    def startup(self):
        """a process that starts and prints its version"""
        rows = self.show([
            Row("floor: libpq + libcyaml", [self.stage.program("least")]),
            Row("pgcensus --version", [self.stage.program("pgcensus"), "--version"]),
        ], self.stage.runs * 5)
        floor, ours = rows.values()
        if usable(floor, ours):
            at_most("wall / floor", ours.median("wall") / floor.median("wall"), 1.3)

    def cold(self):
        """connect, SELECT 1, close; the responder's nodes, trust login"""
        with Responder(self.stage.program("responder"), "ok:8") as responder:
            for n in (3, 1000):
                self.cold_check(responder.nodes("ok", n), n)

    def cold_check(self, nodes, n):
        print(f"\n  {n} nodes")
        rows = self.show([
            self.floor("floor", nodes, n),
            self.pgcensus("pgcensus check", nodes, n),
            self.pgcensus("pgcensus check, facts", nodes, n, facts="full"),
            self.floor("floor, no TLS asked", nodes, n, "sslmode=disable"),
            self.pgcensus("pgcensus, no TLS asked", nodes, n, "--set",
                          "sslmode=disable"),
            *self.peers(nodes, n, BARE),
        ], self.stage.runs * 3 if n < 100 else None)
        floor, ours = rows["floor"], rows["pgcensus check"]
        if not usable(floor, ours):
            return
        at_most("CPU / floor", ours.median("cpu") / floor.median("cpu"), 1.3)
        if n < 100:
            at_most("wall / floor", ours.median("wall") / floor.median("wall"), 1.3)
        else:
            at_most("peak RSS / floor", ours.median("rss") / floor.median("rss"), 1.5)
            facts = rows["pgcensus check, facts"]
            if usable(facts):
                at_most("CPU, with facts / without",
                        facts.median("cpu") / ours.median("cpu"), 1.5)
        loop, gather = rows.get("psql, one by one"), rows.get("asyncpg, gather")
        what, least = ("wall", 2.3) if n < 100 else ("cpu", 30)
        if usable(loop):
            at_least(f"psql, one by one / pgcensus, {what}",
                     loop.median(what) / ours.median(what), least)
        if n >= 100 and usable(gather):
            at_least("asyncpg / pgcensus, cpu",
                     gather.median("cpu") / ours.median("cpu"), 3)

    def steady(self):
        """a periodic check on a connection that is kept; the responder's nodes"""
        with Responder(self.stage.program("responder"), "ok:8") as responder:
            for n, interval, seconds in (100, 1, 4), (1000, 1, 4), (5000, 5, 10):
                self.steady_checks(responder.nodes("ok", n), n, interval, seconds)

    def steady_checks(self, nodes, n, interval, seconds):
        print(f"\n  {n} nodes, each every {interval} s")
        stage, times = self.stage, str(max(20, 20_000 // n))
        rows = [
            Steady("floor, one after the other", [
                stage.program("floor"), "-d", "60000", "-r", times,
                *self.floor_nodes(nodes), "user=bench", "sslmode=disable"]),
            Steady("pgcensus, periodic checks", [
                stage.program("steady"), stage.watched(nodes, interval), str(seconds)]),
        ]
        if stage.pgbench and n <= 1000:
            host, port = nodes[0]
            rows.append(Steady("pgbench, logins included", [
                stage.pgbench, "-n", "-h", host, "-p", str(port), "-U", "bench", "-f",
                stage.file("SELECT 1;\n"), "-c", str(n), "-t", times, "postgres"],
                checks=n * int(times), env=BARE))
        for _ in range(stage.runs):
            for row in rows:
                row.measure()
        print_steady(rows)
        floor, ours = rows[:2]
        if usable(floor, ours):
            at_most("CPU a check / floor", ours.median() / floor.median(), 1.5)

    def dead(self):
        """1000 nodes, 500 of them accept and never say a word; 2 s a node"""
        program = self.stage.program("responder")
        with Responder(program, "ok:8", "silent:8") as responder:
            self.dead_check(responder.nodes("ok", 500), responder.nodes("silent", 500))

    def dead_check(self, live, silent):
        both = [node for pair in zip(live, silent) for node in pair]
        rows = self.show([
            self.floor("floor", both, 500, deadline_ms=2000, status=1),
            self.pgcensus("pgcensus check -T 2s", both, 500, "-T", "2s", status=2),
        ])
        ours = rows["pgcensus check -T 2s"]
        if not usable(ours):
            return
        at_most("wall beyond the deadline", max(ours.wall) - 2000, 500, " ms")
        alone = self.live_latency(self.pgcensus("", live, 500, "-T", "2s"))
        beside = self.live_latency(ours)
        print(f"  live nodes' latency, median of {self.stage.runs} runs:"
              f" {alone:.1f} ms alone, {beside:.1f} ms beside 500 silent ones")
        at_most("live nodes' latency, beside / alone", beside / alone, 2)

    def live_latency(self, row):
        """The median over runs of the median over nodes, as pgcensus reports it."""
        medians = []
        for _ in range(self.stage.runs):
            nodes = json.loads(row.output(60))["nodes"]
            live = [node for node in nodes if node["status"] == "ok"]
            medians.append(statistics.median(
                node["latency_ms"]["total"] for node in live))
        return statistics.median(medians)

    def load(self):
        """reading and checking a configuration of 10,000 nodes"""
        nodes = [(f"10.{i // 65536}.{i // 256 % 256}.{i % 256}", 5432)
                 for i in range(10_000)]
        config = self.stage.config_of(nodes, "pgcensus")
        pgcensus = self.stage.program("pgcensus")
        rows = self.show([
            Row("floor: libyaml, no meaning", [self.stage.program("least"), config]),
            Row("pgcensus config check", [pgcensus, "config", "check", "-C", config]),
            Row("pgcensus nodes --json", [pgcensus, "nodes", "-C", config, "--json"],
                count_nodes, len(nodes)),
        ], self.stage.runs * 3)
        for label in ("pgcensus config check", "pgcensus nodes --json"):
            if usable(rows[label]):
                at_most(f"{label}, wall", rows[label].median("wall"), 150, " ms")
                at_most(f"{label}, memory", rows[label].median("rss"), 40, " MB")

    def judge(self):
        """what 20,000 answers of nodes without a group mean together; none is asked"""
        n = 20_000
        nodes = [(f"10.{i // 65536}.{i // 256 % 256}.{i % 256}", 5432)
                 for i in range(n)]
        head = "defaults: {user: bench, dbname: postgres}\nnodes:\n"
        config = self.stage.file(head + "".join(
            f"  - {{name: n{i:05d}, host: {host}, port: {port}}}\n"
            for i, (host, port) in enumerate(nodes)))
        rows = self.show([
            Row(label, [self.stage.program("judge"), config, shape], count_ok, n,
                counted="nodes are ok")
            for label, shape in [
                ("loaded, not judged", "none"), ("a cluster each", "clusters"),
                ("primaries of one cluster", "primaries"),
                ("a primary, its standbys", "standbys"), ("pairs", "pairs")]
        ], self.stage.runs * 3)
        loaded, *judged = rows.values()
        for row in judged:
            if usable(loaded, row):
                at_most(f"{row.label}: CPU beyond loading",
                        row.median("cpu") - loaded.median("cpu"), 300, " ms")

    def auth(self):
        """100 connections to one real PostgreSQL: what a login costs"""
        self.on_cluster("auth", 100, self.auth_checks)

    def on_cluster(self, name, n, part):
        """`part` gets a real PostgreSQL of its own, and it as n nodes."""
        if not postgres_bin():
            print("  left out: no PostgreSQL server here")
            return
        with Cluster(self.stage.place / name, PASSWORD) as cluster:
            part(cluster, [("127.0.0.1", cluster.port)] * n)

    def auth_checks(self, cluster, nodes):
        n = len(nodes)
        print("\n  trust, no TLS")
        self.show([
            self.floor("floor", nodes, n, "sslmode=disable"),
            self.pgcensus("pgcensus check", nodes, n, "--set", "sslmode=disable"),
        ])
        print("\n  SCRAM-SHA-256, no TLS")
        secret = {"PGPASSWORD": PASSWORD}
        floor = self.floor("floor", nodes, n, "sslmode=disable", "user=bench_scram",
                           deadline_ms=20_000)
        floor.env = secret
        self.show([
            floor,
            self.pgcensus("pgcensus check", nodes, n, "--set", "sslmode=disable",
                          user="bench_scram", env=secret),
            *self.asyncpg_only(nodes, n, {**secret, "PGUSER": "bench_scram"}),
        ])
        if not cluster.ca:
            print("\n  TLS left out: no openssl here")
            return
        print("\n  TLS, verify-full")
        verify = ["sslmode=verify-full", f"sslrootcert={cluster.ca}"]
        self.show([
            self.floor("floor", nodes, n, *verify, deadline_ms=20_000),
            self.pgcensus("pgcensus check", nodes, n,
                          *(part for word in verify for part in ("--set", word))),
            *self.asyncpg_only(nodes, n, {"PGUSER": "bench",
                                          "PGSSLROOTCERT": str(cluster.ca)}),
        ])

    def asyncpg_only(self, nodes, n, env):
        env = {"PGDATABASE": "postgres", "PEER_TIMEOUT": "20", **env}
        return [row for row in self.peers(nodes, n, env) if "asyncpg" in row.label]

    def rows(self):
        """100,000 rows of 5 columns from each of 8 nodes, one real PostgreSQL; no TLS"""
        self.on_cluster("rows", 8, self.rows_query)

    def rows_query(self, cluster, nodes):
        cluster.sql(TABLE, "VACUUM FREEZE ANALYZE measured")
        n = len(nodes) * TABLE_ROWS
        plain = ("--set", "sslmode=disable")
        rows = self.show([
            self.floor_rows("floor, csv", nodes, n, ALL_ROWS, "sslmode=disable"),
            self.query("pgcensus query --csv", nodes, n, ALL_ROWS, "--csv", *plain),
            self.query("pgcensus query --ndjson", nodes, n, ALL_ROWS, "--ndjson", *plain,
                       count=count_ndjson),
            *self.row_peers(nodes, n, ALL_ROWS),
        ])
        floor, csv = rows["floor, csv"], rows["pgcensus query --csv"]
        ndjson = rows["pgcensus query --ndjson"]
        if usable(floor, csv):
            at_most("CSV: CPU / floor", csv.median("cpu") / floor.median("cpu"), 1.35)
        if usable(csv):
            at_most("CSV: peak RSS", max(csv.rss), 32, " MB")
        if usable(floor, ndjson):
            at_most("NDJSON: CPU / floor",
                    ndjson.median("cpu") / floor.median("cpu"), 1.6)
        for label in ("asyncpg, csv", "node pg, csv"):
            if usable(csv, rows.get(label)):
                at_least(f"{label} / pgcensus, cpu",
                         rows[label].median("cpu") / csv.median("cpu"), 6)

    def one_row(self):
        """one row from each of 1000 of the responder's nodes, beside a check of them"""
        with Responder(self.stage.program("responder"), "ok:8") as responder:
            self.one_row_query(responder.nodes("ok", 1000), 1000)

    def one_row_query(self, nodes, n):
        rows = self.show([
            self.floor("floor", nodes, n),
            self.pgcensus("pgcensus check --json", nodes, n),
            self.query("pgcensus query --json", nodes, n, "select 1", "--json",
                       count=count_summary),
            self.query("pgcensus query --csv", nodes, n, "select 1", "--csv"),
        ])
        check, query = rows["pgcensus check --json"], rows["pgcensus query --json"]
        if usable(check, query):
            at_most("CPU, query / check", query.median("cpu") / check.median("cpu"), 1.4)

    def reduce(self):
        """a second statement over 1,000,000 rows of 5 columns, from 10 nodes"""
        self.on_cluster("reduce", 10, self.reduce_query)

    def reduce_query(self, cluster, nodes):
        cluster.sql(TABLE, "VACUUM FREEZE ANALYZE measured")
        n = len(nodes) * TABLE_ROWS
        plain = ("--set", "sslmode=disable", "--max-rows", "0")
        rows = self.show([
            self.floor_rows("floor, csv", nodes, n, ALL_ROWS, "sslmode=disable"),
            self.query("pgcensus query --csv", nodes, n, ALL_ROWS, "--csv", *plain),
            self.query("pgcensus query --reduce", nodes, n, ALL_ROWS, "--csv", *plain,
                       "--reduce", "select count(*), avg(x) from r",
                       count=count_reduced),
        ])
        csv, reduced = rows["pgcensus query --csv"], rows["pgcensus query --reduce"]
        if usable(csv, reduced):
            at_most("CPU beyond the same rows as --csv",
                    (reduced.median("cpu") - csv.median("cpu")) / 1e3, 1, " s")

    def fan_out(self):
        """select pg_sleep(0.3) on ten nodes and on one: they sleep at the same time"""
        self.on_cluster("fan-out", 10, self.fan_out_query)

    def fan_out_query(self, _, nodes):
        sql, plain = "select pg_sleep(0.3)", ("--csv", "--set", "sslmode=disable")
        rows = self.show([
            self.floor_rows("floor, 10 nodes", nodes, 10, sql, "sslmode=disable"),
            self.query("pgcensus query, 1 node", nodes[:1], 1, sql, *plain),
            self.query("pgcensus query, 10 nodes", nodes, 10, sql, *plain),
        ])
        one, ten = rows["pgcensus query, 1 node"], rows["pgcensus query, 10 nodes"]
        if usable(one, ten):
            at_most("wall, 10 nodes / 1 node", ten.median("wall") / one.median("wall"), 2)

"""Relatives of PostgreSQL that have some of its functions, not all, and say so.

A `Fork` looks at the SQL that it is sent: a statement in which it finds a word that it
lacks is refused, and noted; behind DO it goes on with the next part, as PL/pgSQL does.
So what a fork can tell depends on how it is asked.  The words are played after what
these servers answered in public reports; none of them runs here.
"""

import re

import fake
import wire

TOLD = {
    "started_at": "1789999940000000",
    "connections": "7",
    "hidden_backends": "0",
    "max_workers": "8",
    "max_connections": "100",
    "reserved": "3",
    "recorded_timeline": "1",
    "timeline": "1",
    "wal": "0/4CB6088",
}
STANDBY = {"standby": "t", "read_only": "on", "timeline": "", "wal": ""}
PART = re.compile(r"\$\$(.*?)\$\$", re.DOTALL)


class Fork:
    """`lacks`: word of a statement → SQLSTATE and message."""

    options_refused = None  # the same for a startup packet with options

    def __init__(self, version, lacks=(), parameters=(), **told):
        self.version, self.lacks = version, dict(lacks)
        self.parameters = dict(parameters)
        identifier = str(7_700_000_000_000_000_000 + sum(map(ord, version)))
        self.told = {**TOLD, "system_identifier": identifier, **told}

    def complaint(self, sql):
        for word, why in self.lacks.items():
            if word in sql:
                return why
        return None

    def complaint_about(self, statement):
        """What PL/pgSQL runs is told part by part, once there is PL/pgSQL."""
        if "DO $facts$" in statement:
            return self.lacks.get("DO $facts$")
        return self.complaint(statement)

    def refused_parts(self, statement):
        for number, sql in enumerate(PART.findall(statement)):
            why = self.complaint(sql)
            if why:
                yield number, " ".join(why)

    async def refuse(self, peer, statement, why):
        peer.note("refused", statement)
        await peer.answer(wire.error(*why, severity="ERROR"))

    async def on_query(self, peer, statement):
        """a relative of PostgreSQL"""
        why = self.complaint_about(statement)
        if why:
            await self.refuse(peer, statement, why)
        elif fake.asks_for_facts(statement):
            text = fake.facts_answer(*self.refused_parts(statement), **self.told)
            await fake.tell_facts(peer, statement, text)
        elif "pg_is_in_recovery" in statement:
            columns = wire.columns("standby", "read_only")
            role = self.told.get("standby", "f"), self.told.get("read_only", "off")
            await peer.answer(columns, wire.row(*role), wire.complete("SELECT 1"))
        elif statement == "SELECT 1":
            await peer.answer(wire.ONE)
        else:
            await self.refuse(peer, statement, ("42601", "syntax error"))

    async def play(self, peer):
        asked = await peer.startup()
        if self.options_refused and "options" in asked:
            peer.note("options refused")
            await peer.send(wire.error(*self.options_refused))
            return
        facts = {"in_hot_standby": None, "default_transaction_read_only": None}
        await peer.login(server_version=self.version, **facts, **self.parameters)
        while True:
            await self.on_query(peer, await peer.query())


def unknown(*functions):
    words = "unknown function: {}()"
    return {name: ("42883", words.format(name)) for name in functions}


def not_in_aurora(*functions):
    words = "Function {}() is currently not supported for Aurora"
    return {name: ("0A000", words.format(name)) for name in functions}


NO_DO = {"DO $facts$": ("42601", 'at or near "do": syntax error')}
REPLAY = (
    "pg_last_wal_receive_lsn",
    "pg_last_wal_replay_lsn",
    "pg_last_xact_replay_timestamp",
    "pg_is_wal_replay_paused",
)
LOGICAL = "wal_level must be set to 'logical'"

class Proxy(Fork):
    """In front of a server that lacks nothing, itself without command-line options."""

    options_refused = (
        "0A000",
        "Feature not supported: RDS Proxy currently doesn't support command-line options.",
    )


FORKS = {
    "aurora-writer": Fork("15.4", {"pg_current_wal_lsn": ("55000", LOGICAL)}),
    "aurora-reader": Fork("15.3", not_in_aurora(*REPLAY), **STANDBY),
    "cockroachdb": Fork(
        "13.0.0",
        {**NO_DO, **unknown("pg_control_system", "pg_current_wal_lsn")},
        {"crdb_version": "CockroachDB CCL v23.1.11"},
    ),
    "cockroachdb-24": Fork(
        "13.0.1",
        unknown("pg_control_system", "pg_current_wal_lsn", *REPLAY),
        {"crdb_version": "CockroachDB CCL v24.3.0"},
    ),
    "redshift": Fork("8.0.2", unknown("pg_is_in_recovery")),
    "greenplum-6": Fork("9.4.26"),
    "greenplum-7": Fork(
        "12.12",
        {"pg_stat_wal_receiver": ("0A000", "not supported on the coordinator")},
    ),
    "yugabyte": Fork(
        "11.2-YB-2.20.1.0-b0",
        {
            "pg_current_wal_lsn": ("0A000", "WAL functions are not supported"),
            "pg_replication_slots": ("0A000", "replication slots are not supported"),
        },
    ),
    "opengauss": Fork("9.2.4"),
    "kingbase": Fork("V008R006C008B0014", NO_DO),
    "rds-proxy": Proxy("15.5"),
    "pgpool": Fork("15.6"),
    "materialize": Fork("9.5.0", unknown("pg_is_in_recovery")),
}

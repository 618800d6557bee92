/* The statement that asks a node for its facts.
 *
 * Facts come in parts, each a line of SQL of its own, and what a server refuses, does
 * not support or does not have costs it only that part: a loop of PL/pgSQL runs them
 * one by one and writes down what went wrong.  So a refusal is no ERROR in the log of
 * the server, takes no second round trip, and comes with its own words.  EXECUTE is
 * demanded when a statement begins, so no CASE can protect a call of a function, and
 * has_function_privilege() knows nothing of forks that have a function and refuse it.
 *
 * The answer is one text: parts end with 0x1e, fields are separated by "|", lines of
 * lists by line ends; text that may contain anything comes last.  NULL is "".
 *
 * The surprise: these are three statements in one message, so one round trip and one
 * implicit transaction.  The first keeps functions and operators of others out, also
 * where a database's owner has set another search_path, and temporary tables that a
 * session behind a pooler may have; the second leaves the answer in
 * a parameter, because DO returns nothing; both are forgotten at the end of the
 * transaction, behind a pooler too.
 *
 * A server without PL/pgSQL gets all parts in one SELECT, which is told whole or not at
 * all.  Everything can be read by a role that may do nothing but log in. */
#include "fleet/facts.h"

#include <string.h>

#define MICROSECONDS(time) "(extract(epoch FROM " time ") * 1000000)::int8"
#define ON_PRIMARY(value) "CASE WHEN NOT pg_is_in_recovery() THEN " value " END"
#define ON_STANDBY(value) "CASE WHEN pg_is_in_recovery() THEN " value " END"

/* Fields of a line.  concat() makes "" of NULL, and "t" and "f" of booleans. */
#define AND ", '|', "

/* Up to 11 walsenders take one of max_connections. */
#define IS_CLIENT "backend_type = 'client backend'"
#define IS_CLIENT_10 "backend_type IN ('client backend', 'walsender')"
/* A process of which we may not see what it is, but not that it is none. */
#define APPLIES "SELECT pid FROM pg_stat_subscription WHERE pid IS NOT NULL"
#define MAY_BE                                                                         \
    "backend_type IS NULL AND datid IS NOT NULL AND usesysid IS NOT NULL AND pid NOT " \
    "IN (" APPLIES " UNION ALL SELECT pid FROM pg_stat_replication)"
#define MAY_BE_10                                                                      \
    "backend_type IS NULL AND usesysid IS NOT NULL AND pid NOT IN (" APPLIES ")"
#define CONNECTIONS(is_client, may_be, reserved)                                       \
    "concat(count(*) FILTER (WHERE " is_client ")" AND                                 \
    "count(*) FILTER (WHERE " may_be ")" AND                                           \
    "current_setting('max_worker_processes')" AND                                      \
    "current_setting('max_connections')" AND reserved ") FROM pg_stat_activity"
#define RESERVED "current_setting('superuser_reserved_connections')"

/* Servers before 11 do not say to whom the receiver is connected. */
#define RECEIVER(port, host)                                                           \
    "concat(pid" AND "status" AND "slot_name" AND "received_tli" AND                   \
    "latest_end_lsn" AND MICROSECONDS("last_msg_receipt_time") AND port AND host       \
        ") FROM pg_stat_wal_receiver"

/* The worst first, because more than FACTS_MOST_LINES are not told.  Before 16 a lost
 * slot has no restart_lsn; since then it may have one, which holds back nothing. */
#define SLOTS(worst, retained, more)                                                   \
    "concat(count(*), chr(10), array_to_string((array_agg(concat(slot_type" AND        \
    "active" AND "retained" AND more AND "slot_name) ORDER BY " worst                  \
    "retained DESC NULLS LAST, slot_name))[:1000], chr(10))) FROM (SELECT "            \
    "*, " retained " AS retained FROM pg_replication_slots) AS slot"
#define RETAINED "pg_wal_lsn_diff(%s, restart_lsn)::int8"
#define HELD "CASE WHEN wal_status = 'lost' THEN NULL ELSE " RETAINED " END"
#define LOST "wal_status = 'lost' DESC NULLS LAST, "

/* What is told of a slot: wal_status, synced, failover, conflicting,
 * invalidation_reason, inactive_since. */
#define SLOT_10 "'|||||'"
#define SLOT_13 "wal_status, '|||||'"
#define SLOT_16 "wal_status, '|||', conflicting, '||'"
#define SLOT_17                                                                        \
    "wal_status" AND "synced" AND "failover" AND "conflicting" AND                     \
    "invalidation_reason" AND MICROSECONDS("inactive_since")

/* The same part since some version, the newest first; the last one fits all. */
enum { SPELLINGS = 4 };

struct spelling {
    int since;
    const char *sql;
};

static const struct spelling parts[PGCENSUS_PARTS][SPELLINGS] = {
    [PGCENSUS_PART_ROLE] = {{0, "concat(pg_is_in_recovery()" AND
                                "current_setting('transaction_read_only'))"}},
    [PGCENSUS_PART_CLOCK] = {{0, MICROSECONDS("clock_timestamp()")}},
    [PGCENSUS_PART_UPTIME] = {{0, MICROSECONDS("pg_postmaster_start_time()")}},
    [PGCENSUS_PART_CONNECTIONS] =
        {{160000,
          CONNECTIONS(IS_CLIENT, MAY_BE,
                      RESERVED "::int4 + "
                               "current_setting('reserved_connections')::int4")},
         {120000, CONNECTIONS(IS_CLIENT, MAY_BE, RESERVED)},
         {0, CONNECTIONS(IS_CLIENT_10, MAY_BE_10, RESERVED)}},
    /* A standby may be ahead of its control file. */
    [PGCENSUS_PART_IDENTITY] =
        {{0, "concat(system_identifier" AND
             "greatest(timeline_id, min_recovery_end_timeline)) FROM "
             "pg_control_system(), pg_control_checkpoint(), pg_control_recovery()"}},
    /* A primary writes it into the names of its files. */
    [PGCENSUS_PART_TIMELINE] =
        {{0,
          ON_PRIMARY("('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)"
                     "::int8")}},
    [PGCENSUS_PART_WAL] = {{0, ON_PRIMARY("pg_current_wal_lsn()")}},
    [PGCENSUS_PART_RECEIVED] = {{0, ON_STANDBY("pg_last_wal_receive_lsn()")}},
    [PGCENSUS_PART_REPLAYED] = {{0, ON_STANDBY("pg_last_wal_replay_lsn()")}},
    /* What has ended tells whether there was a commit since, on both sides. */
    [PGCENSUS_PART_COMMIT] =
        {{0, "concat(" ON_STANDBY(MICROSECONDS("pg_last_xact_replay_timestamp()")) AND
          "txid_snapshot_xmin(now.xids)" AND "txid_snapshot_xmax(now.xids)) FROM "
          "txid_current_snapshot() AS now (xids)"}},
    /* The delay is a parameter since 12; before, it is a line of a file. */
    [PGCENSUS_PART_PAUSE] =
        {{0, "concat(" ON_STANDBY("pg_is_wal_replay_paused()") AND MICROSECONDS(
                 "nullif(current_setting('recovery_min_apply_delay', true), '')"
                 "::interval") ")"}},
    [PGCENSUS_PART_RECEIVER] = {{110000, RECEIVER("sender_port", "sender_host")},
                                {0, RECEIVER("NULL", "NULL")}},
    [PGCENSUS_PART_SLOTS] = {{170000, SLOTS(LOST, HELD, SLOT_17)},
                             {160000, SLOTS(LOST, HELD, SLOT_16)},
                             {130000, SLOTS(LOST, HELD, SLOT_13)},
                             {0, SLOTS("", RETAINED, SLOT_10)}},
    /* Every role is told the numbers of processes, and so who uses which slot. */
    [PGCENSUS_PART_SENDERS] =
        {{0, "concat(count(*), chr(10), array_to_string((array_agg(concat(state" AND
             "host(client_addr)" AND "slot_name" AND
             "application_name) ORDER BY pid))[:1000], chr(10))) FROM "
             "pg_stat_replication LEFT JOIN pg_replication_slots ON active_pid = pid"}},
};

static const char prologue[] = "SET LOCAL search_path TO pg_catalog, pg_temp; ";

/* A part that meets somebody's lock on a catalog is given up by the server: were it
 * left to wait, checks that went away would leave one backend each behind that lock. 14
 * parts fit into FACTS_TIMEOUT.  A shorter limit of the role stays. */
#define LOCK_TIMEOUT "'300ms'"

static const char before_parts[] =
    "DO $facts$ DECLARE part text; told text; reached text; facts text := ''; BEGIN"
    " BEGIN IF current_setting('lock_timeout')::interval NOT BETWEEN '1us'"
    " AND " LOCK_TIMEOUT " THEN PERFORM set_config('lock_timeout', " LOCK_TIMEOUT
    ", true); END IF; EXCEPTION WHEN OTHERS THEN NULL; END;"
    " BEGIN IF pg_is_in_recovery() THEN reached := pg_last_wal_replay_lsn();"
    " ELSE reached := pg_current_wal_lsn(); END IF;"
    " EXCEPTION WHEN OTHERS THEN reached := NULL; END;"
    " FOREACH part IN ARRAY ARRAY[";

static const char behind_parts[] =
    "] LOOP BEGIN EXECUTE 'SELECT ' || part INTO told USING reached;"
    " EXCEPTION WHEN OTHERS THEN told := concat('!', SQLSTATE, ' ', SQLERRM); END;"
    " facts := concat(facts, told, chr(30)); END LOOP;"
    " EXECUTE 'SET LOCAL pgcensus.facts = ' || quote_literal(facts); END $facts$;"
    " SHOW pgcensus.facts";

static const char *sql_of(enum pgcensus_facts_part part, int version)
{
    const struct spelling *spelling = parts[part];
    while (spelling->since > version)
        spelling++;
    return spelling->sql;
}

static void add_part(enum pgcensus_facts_part part, int version, const char *reached,
                     struct buf *out)
{
    const char *sql = sql_of(part, version);
    const char *gap = strstr(sql, "%s");
    if (gap) {
        buf_add(out, sql, (size_t)(gap - sql));
        buf_add_str(out, reached);
        buf_add_str(out, gap + 2);
    } else {
        buf_add_str(out, sql);
    }
}

static void add_by_parts(unsigned n, int version, struct buf *out)
{
    buf_add_str(out, before_parts);
    for (unsigned part = 0; part < n; part++) {
        buf_add_str(out, part ? ", $$" : "$$");
        add_part(part, version, "$1::pg_lsn", out);
        buf_add_str(out, "$$");
    }
    buf_add_str(out, behind_parts);
}

static void add_at_once(unsigned n, int version, struct buf *out)
{
    static const char reached[] = "CASE WHEN pg_is_in_recovery() THEN "
                                  "pg_last_wal_replay_lsn() ELSE "
                                  "pg_current_wal_lsn() END";
    buf_add_str(out, "SELECT concat(");
    for (unsigned part = 0; part < n; part++) {
        buf_add_str(out, part ? ", chr(30), (SELECT " : "(SELECT ");
        add_part(part, version, reached, out);
        buf_add_str(out, ")");
    }
    buf_add_str(out, ", chr(30))");
}

void facts_statement(enum pgcensus_facts_level level, int version, enum facts_way way,
                     struct buf *out)
{
    unsigned n = level == PGCENSUS_FACTS_FULL ? PGCENSUS_PARTS : PGCENSUS_PARTS_BASIC;
    buf_add_str(out, prologue);
    if (way == FACTS_BY_PARTS)
        add_by_parts(n, version, out);
    else
        add_at_once(n, version, out);
}

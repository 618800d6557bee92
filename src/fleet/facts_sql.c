/* The statement that asks a node for its facts.
 *
 * One row, whatever the role: a view that may be empty is joined to a row that is
 * always there, and a function that fails on a primary (or on a standby) stands in the
 * branch of a CASE that is not taken there.
 *
 * Everything can be read by a role that may do nothing but log in; views that hide
 * columns from it give NULL.  pg_stat_activity shows it a row for each process and not
 * of which kind it is, so those are counted apart.
 *
 * The surprise: these are two statements in one message, so one round trip and one
 * implicit transaction.  The first keeps functions and operators of others out of the
 * second, also where a database's owner has set another search_path, and is forgotten
 * at the end of the transaction, behind a pooler too.
 *
 * What somebody may have revoked from PUBLIC, or never had, are the functions on the
 * control file.  EXECUTE is demanded when a statement begins, so no CASE can protect
 * them; there is a weaker statement without them for who was refused the whole one. */
#include "fleet/facts.h"

static const char prologue[] = "SET LOCAL search_path TO pg_catalog; SELECT ";

#define MICROSECONDS(time) "(extract(epoch FROM " time ") * 1000000)::int8"
#define ON_PRIMARY(value) "CASE WHEN NOT pg_is_in_recovery() THEN " value " END"
#define TIMELINE(of_standby)                                                           \
    "CASE WHEN pg_is_in_recovery() THEN " of_standby                                   \
    " ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int8 END"
#define ON_STANDBY(value) "CASE WHEN pg_is_in_recovery() THEN " value " END"

/* What there may not be, and since which version there is. */
struct column {
    const char *sql;
    int since;          /* 0: all that we ask have it */
    const char *before; /* what stands there in older ones */
    const char *weak;   /* … and without the control file; NULL: the same */
};

static const struct column basic[FACTS_BASIC] = {
    [FACT_STANDBY] = {"pg_is_in_recovery()"},
    [FACT_READ_ONLY] = {"current_setting('transaction_read_only')"},
    [FACT_SYSTEM_IDENTIFIER] = {"system.system_identifier", .weak = "NULL"},
    /* A primary writes it into the names of its files; a standby may be ahead of its
     * control file. */
    [FACT_TIMELINE] =
        {TIMELINE("greatest(checkpoint.timeline_id, recovery.min_recovery_end_timeline,"
                  " receiver.received_tli)"),
         .weak = TIMELINE("receiver.received_tli")},
    [FACT_STARTED_AT] = {MICROSECONDS("pg_postmaster_start_time()")},
    [FACT_CLOCK] = {MICROSECONDS("clock_timestamp()")},
    [FACT_CONNECTIONS] = {"activity.seen"},
    [FACT_HIDDEN_BACKENDS] = {"activity.hidden"},
    [FACT_MAX_WORKERS] = {"current_setting('max_worker_processes')"},
    [FACT_MAX_CONNECTIONS] = {"current_setting('max_connections')"},
    [FACT_RESERVED_CONNECTIONS] =
        {"current_setting('superuser_reserved_connections')::int4 "
         "+ current_setting('reserved_connections')::int4",
         160000, "current_setting('superuser_reserved_connections')"},
    [FACT_WAL] = {ON_PRIMARY("pg_current_wal_lsn()")},
    [FACT_RECEIVED] = {ON_STANDBY("pg_last_wal_receive_lsn()")},
    [FACT_REPLAYED] = {ON_STANDBY("pg_last_wal_replay_lsn()")},
    [FACT_LAST_COMMIT] = {ON_STANDBY(MICROSECONDS("pg_last_xact_replay_timestamp()"))},
    [FACT_PAUSED] = {ON_STANDBY("pg_is_wal_replay_paused()")},
    [FACT_RECEIVER_PID] = {"receiver.pid"},
    [FACT_RECEIVER_STATUS] = {"receiver.status"},
    [FACT_UPSTREAM_HOST] = {"receiver.sender_host", 110000, "NULL"},
    [FACT_UPSTREAM_PORT] = {"receiver.sender_port", 110000, "NULL"},
    [FACT_TOLD] = {"receiver.latest_end_lsn"},
    [FACT_TOLD_AT] = {MICROSECONDS("receiver.last_msg_receipt_time")},
    [FACT_RECEIVER_SLOT] = {"receiver.slot_name"},
    /* A parameter since 12; before, a line of a file. */
    [FACT_APPLY_DELAY] = {MICROSECONDS(
        "nullif(current_setting('recovery_min_apply_delay', true), '')::interval")},
};

/* The words of a line about a slot; its name comes last. */
static const struct column slot[] = {
    {"slot_type"},
    {"active::text"},
    /* From 16 on a slot may be lost and still have a restart_lsn. */
    {"CASE WHEN wal_status = 'lost' THEN NULL"
     " ELSE pg_wal_lsn_diff(reached.lsn, restart_lsn)::int8::text END",
     130000, "pg_wal_lsn_diff(reached.lsn, restart_lsn)::int8::text"},
    {"wal_status", 130000, "NULL"},
    {"synced::text", 170000, "NULL"},
    {"failover::text", 170000, "NULL"},
    {"conflicting::text", 160000, "NULL"},
    {"invalidation_reason", 170000, "NULL"},
    {MICROSECONDS("inactive_since") "::text", 170000, "NULL"},
    {"slot_name"},
};

/* The same of who takes WAL; the name of an application may have blanks.  Everybody is
 * told the numbers of processes, and so who uses which slot. */
static const char senders[] =
    "(SELECT string_agg(concat_ws(' ', coalesce(state, '-'),"
    " coalesce(host(client_addr), '-'), coalesce(slot_name, '-'), application_name),"
    " chr(10) ORDER BY pid) FROM pg_stat_replication"
    " LEFT JOIN pg_replication_slots ON active_pid = pid)";

static const char control_file[] = " CROSS JOIN pg_control_system() AS system"
                                   " CROSS JOIN pg_control_checkpoint() AS checkpoint"
                                   " CROSS JOIN pg_control_recovery() AS recovery";

static const char sources[] =
    " FROM (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
    " ELSE pg_current_wal_lsn() END) AS reached (lsn)"
    " LEFT JOIN pg_stat_wal_receiver AS receiver ON true";

/* Who takes a connection, and who may, as far as we can see.  Up to 11 walsenders take
 * one of max_connections. */
#define APPLIES "SELECT pid FROM pg_stat_subscription WHERE pid IS NOT NULL"
static const struct column activity = {
    " CROSS JOIN (SELECT count(*) FILTER (WHERE backend_type = 'client backend'),"
    " count(*) FILTER (WHERE backend_type IS NULL AND datid IS NOT NULL"
    " AND usesysid IS NOT NULL AND pid NOT IN"
    " (" APPLIES " UNION ALL SELECT pid FROM pg_stat_replication))"
    " FROM pg_stat_activity) AS activity (seen, hidden)",
    120000,
    " CROSS JOIN (SELECT count(*) FILTER"
    " (WHERE backend_type IN ('client backend', 'walsender')),"
    " count(*) FILTER (WHERE backend_type IS NULL AND usesysid IS NOT NULL"
    " AND pid NOT IN (" APPLIES ")) FROM pg_stat_activity) AS activity (seen, hidden)",
};

static const char *sql_of(const struct column *column, int version, bool weak)
{
    if (weak && column->weak)
        return column->weak;
    return version >= column->since ? column->sql : column->before;
}

static void add_columns(const struct column *columns, size_t n, int version, bool weak,
                        struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add_str(out, ", ");
        buf_add_str(out, sql_of(&columns[i], version, weak));
    }
}

static void add_slots(int version, struct buf *out)
{
    buf_add_str(out, "(SELECT string_agg(concat_ws(' '");
    for (size_t i = 0; i < ARRAY_SIZE(slot); i++)
        buf_add_format(out, ", coalesce(%s, '-')", sql_of(&slot[i], version, false));
    buf_add_str(out, "), chr(10) ORDER BY slot_name) FROM pg_replication_slots)");
}

void facts_statement(enum pgcensus_facts_level level, int version, enum facts_gap gap,
                     struct buf *out)
{
    bool weak = gap != FACTS_WHOLE;
    buf_add_str(out, prologue);
    add_columns(basic, ARRAY_SIZE(basic), version, weak, out);
    if (level == PGCENSUS_FACTS_FULL) {
        buf_add_str(out, ", ");
        add_slots(version, out);
        buf_add_str(out, ", ");
        buf_add_str(out, senders);
    }
    buf_add_str(out, sources);
    buf_add_str(out, sql_of(&activity, version, weak));
    if (!weak)
        buf_add_str(out, control_file);
}

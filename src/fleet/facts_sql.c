/* The statement that asks a node for its facts.
 *
 * One row, whatever the role: a view that may be empty is joined to a row that is
 * always there, and a function that fails on a primary (or on a standby) stands in the
 * branch of a CASE that is not taken there.
 *
 * Everything can be read by a role that may do nothing but log in; views that hide
 * columns from it give NULL.  pg_stat_activity is not counted, because it would hide
 * rows from such a role without saying so.
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
    [FACT_CONNECTIONS] = {"(SELECT sum(numbackends) FROM pg_stat_database)"},
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
};

/* Names of slots have no blanks, those of applications no line ends; both come last. */
static const struct column full[FACTS_FULL - FACTS_BASIC] = {
    {"(SELECT string_agg(concat_ws(' ', slot_type, active, "
     "coalesce(pg_wal_lsn_diff(reached.lsn, restart_lsn)::int8, -1), "
     "coalesce(wal_status, '-'), slot_name), chr(10) ORDER BY slot_name) "
     "FROM pg_replication_slots)",
     130000,
     "(SELECT string_agg(concat_ws(' ', slot_type, active, "
     "coalesce(pg_wal_lsn_diff(reached.lsn, restart_lsn)::int8, -1), "
     "'-', slot_name), chr(10) ORDER BY slot_name) "
     "FROM pg_replication_slots)"},
    {"(SELECT string_agg(concat_ws(' ', coalesce(state, '-'), "
     "coalesce(host(client_addr), '-'), application_name), chr(10) ORDER BY pid) "
     "FROM pg_stat_replication)"},
};

static const char control_file[] = " CROSS JOIN pg_control_system() AS system"
                                   " CROSS JOIN pg_control_checkpoint() AS checkpoint"
                                   " CROSS JOIN pg_control_recovery() AS recovery";

static const char sources[] =
    " FROM (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
    " ELSE pg_current_wal_lsn() END) AS reached (lsn)"
    " LEFT JOIN pg_stat_wal_receiver AS receiver ON true";

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

void facts_statement(enum pgcensus_facts_level level, int version, enum facts_gap gap,
                     struct buf *out)
{
    bool weak = gap != FACTS_WHOLE;
    buf_add_str(out, prologue);
    add_columns(basic, ARRAY_SIZE(basic), version, weak, out);
    if (level == PGCENSUS_FACTS_FULL) {
        buf_add_str(out, ", ");
        add_columns(full, ARRAY_SIZE(full), version, weak, out);
    }
    buf_add_str(out, sources);
    if (!weak)
        buf_add_str(out, control_file);
}

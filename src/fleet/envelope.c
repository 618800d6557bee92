/* Everything in the envelope is local to its transaction, since behind a pooler a
 * session belongs to somebody else a moment later.  All of it is one Query, so it costs
 * one round trip whatever is in it.  Names are qualified and operators spelt out:
 * search_path may be anybody's.
 *
 * The surprise: a server may lack a setting (forks do, and Windows has no
 * client_connection_check_interval), and then its ERROR names it.  So the opening is
 * tried again without just that; what must not be missing is looked at in the answer.
 */
#include "fleet/envelope.h"

#include <string.h>
#include <strings.h>

/* With a limit of a session that is shorter than ours nothing changes, and 0 is none.
 * interval reads all units that a setting can have. */
#define LEAST_TIMEOUT                                                                  \
    "CASE WHEN CAST(pg_catalog.current_setting('statement_timeout') AS interval)"      \
    " OPERATOR(pg_catalog.>) interval '0'"                                             \
    " AND CAST(pg_catalog.current_setting('statement_timeout') AS interval)"           \
    " OPERATOR(pg_catalog.<) interval '%lldms'"                                        \
    " THEN pg_catalog.current_setting('statement_timeout') ELSE '%lldms' END"

/* Windows refuses any value of it but 0; version() tells, and so no ERROR is left in
 * its log. */
#define NOT_ON_WINDOWS                                                                 \
    "CASE WHEN GREATEST(pg_catalog.strpos(pg_catalog.version(), 'Visual C++'),"        \
    " pg_catalog.strpos(pg_catalog.version(), 'windows'),"                             \
    " pg_catalog.strpos(pg_catalog.version(), 'mingw')) OPERATOR(pg_catalog.=) 0 "     \
    "THEN "

enum setting {
    SETTING_LIMIT,
    SETTING_GUARD, /* the server looks for us while it works */
    SETTING_ENCODING,
    SETTING_DATE,
    SETTING_ZONE,
    SETTING_INTERVAL,
    SETTING_BYTES,
    SETTING_FLOATS,
    SETTING_MONEY,
    SETTINGS,
};
enum { EVERYTHING = (1 << SETTINGS) - 1, MOST_BY_NAME = 3, USUAL_LENGTH = 2048 };
enum { SQL_ASCII = 1 << SETTINGS }; /* another value of SETTING_ENCODING */

static const struct setting_row {
    const char *name, *value; /* a constant */
    bool display;
} rows[SETTINGS] = {
    [SETTING_LIMIT] = {"statement_timeout"},
    [SETTING_GUARD] = {"client_connection_check_interval", "500"},
    [SETTING_ENCODING] = {"client_encoding"},
    /* Of style and order only the style: 01/02 in a statement stays what it was. */
    [SETTING_DATE] = {"DateStyle", "ISO", .display = true},
    [SETTING_ZONE] = {"TimeZone", "UTC", .display = true},
    [SETTING_INTERVAL] = {"IntervalStyle", "postgres", .display = true},
    [SETTING_BYTES] = {"bytea_output", "hex", .display = true},
    /* From 12 on anything above 0 is the shortest text that is exact; before it 3 is
     * the only one that is. */
    [SETTING_FLOATS] = {"extra_float_digits", "3", .display = true},
    [SETTING_MONEY] = {"lc_monetary", "C", .display = true},
};

/* ---- opening ---- */

/* Texts of a server in SQL_ASCII are in no encoding, and it would not convert them. */
static const char *encoding_of(const struct pg_conn *conn)
{
    const char *encoding = pg_conn_parameter(conn, "server_encoding");
    return encoding && strcmp(encoding, "SQL_ASCII") == 0 ? encoding : "UTF8";
}

static bool is_wanted(enum setting setting, const struct envelope_wish *wish,
                      const struct node *node, const struct pg_conn *conn)
{
    if (node->conceded & 1u << setting)
        return false;
    if (setting == SETTING_GUARD)
        return pg_conn_server_version(conn) >= 140000;
    if (setting == SETTING_ENCODING) {
        const char *now = pg_conn_parameter(conn, "client_encoding");
        return now && strcmp(now, encoding_of(conn)) != 0;
    }
    return wish->display || !rows[setting].display;
}

static void add_value(enum setting setting, nsec limit, const struct pg_conn *conn,
                      struct buf *sql)
{
    long long msec = limit / NSEC_PER_MSEC;
    if (setting == SETTING_LIMIT) {
        buf_add_format(sql, LEAST_TIMEOUT, msec, msec);
        return;
    }
    buf_add_char(sql, '\'');
    buf_add_str(sql,
                setting == SETTING_ENCODING ? encoding_of(conn) : rows[setting].value);
    buf_add_char(sql, '\'');
}

static unsigned wanted_settings(const struct envelope_wish *wish,
                                const struct node *node, const struct pg_conn *conn)
{
    unsigned wanted = 0;
    for (enum setting setting = 0; setting < SETTINGS; setting++)
        if (is_wanted(setting, wish, node, conn))
            wanted |= 1u << setting;
    if (wanted & 1u << SETTING_ENCODING && strcmp(encoding_of(conn), "UTF8") != 0)
        wanted |= SQL_ASCII;
    return wanted;
}

/* Each with a comma behind it. */
static void write_settings(unsigned wanted, nsec limit, const struct pg_conn *conn,
                           bool local, struct buf *sql)
{
    for (enum setting setting = 0; setting < SETTINGS; setting++) {
        bool guards = setting == SETTING_GUARD;
        if (!(wanted & 1u << setting))
            continue;
        if (guards)
            buf_add_str(sql, NOT_ON_WINDOWS);
        buf_add_str(sql, "pg_catalog.set_config('");
        buf_add_str(sql, rows[setting].name);
        buf_add_str(sql, "', ");
        add_value(setting, limit, conn, sql);
        buf_add_str(sql, local ? ", true)" : ", false)");
        buf_add_str(sql, guards ? " END, " : ", ");
    }
}

static void add_settings(const struct envelope_wish *wish, const struct node *node,
                         const struct pg_conn *conn, struct buf *sql)
{
    struct envelope_memo *memo = wish->memo;
    unsigned wanted = wanted_settings(wish, node, conn);
    buf_reserve(sql, USUAL_LENGTH);
    if (!memo) {
        write_settings(wanted, wish->limit, conn, /* local= */ true, sql);
        return;
    }
    if (wanted != memo->settings || wish->limit != memo->limit || memo->sql.broken) {
        buf_clear(&memo->sql);
        write_settings(wanted, wish->limit, conn, /* local= */ true, &memo->sql);
        memo->settings = wanted;
        memo->limit = wish->limit;
    }
    buf_add(sql, memo->sql.bytes, memo->sql.len);
    sql->broken |= memo->sql.broken;
}

/* A role may have any isolation by default; a standby refuses the strictest one. */
static void add_begin(const struct node *node, const struct pg_conn *conn,
                      struct buf *sql)
{
    bool plain = node->conceded == EVERYTHING;
    if (pg_conn_transaction(conn) != PG_TRANSACTION_NONE)
        buf_add_str(sql, "ROLLBACK; ");
    buf_add_str(sql, plain ? "BEGIN READ ONLY; "
                           : "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; ");
}

void envelope_open(const struct envelope_wish *wish, const struct node *node,
                   const struct pg_conn *conn, struct buf *sql)
{
    add_begin(node, conn, sql);
    buf_add_str(sql, "SELECT ");
    add_settings(wish, node, conn, sql);
    buf_add_str(sql, "pg_catalog.current_setting('transaction_read_only')");
}

/* A pooler gives its clients keys of its own; then nothing is set. */
bool envelope_limit(const struct envelope_wish *wish, const struct node *node,
                    const struct pg_conn *conn, struct buf *sql)
{
    if (node->options.identity.via_pooler || node->conceded == EVERYTHING)
        return false;
    buf_add_str(sql, "SELECT ");
    write_settings(wanted_settings(wish, node, conn), wish->limit, conn,
                   /* local= */ false, sql);
    buf_add_format(sql, "1 WHERE pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) %d",
                   pg_conn_backend_pid(conn));
    return true;
}

/* ---- its answer ---- */

/* Those that the message names; names are the same in every language. */
static unsigned settings_in(const char *message)
{
    unsigned named = 0;
    for (enum setting setting = 0; setting < SETTINGS; setting++)
        if (strstr(message, rows[setting].name))
            named |= 1u << setting;
    return named;
}

bool envelope_concede(struct node *node, const struct pg_conn *conn)
{
    const struct pgcensus_failure *failure = pg_conn_failure(conn);
    bool may = failure->error_class == PGCENSUS_CLASS_QUERY &&
               pg_conn_state(conn) == PG_READY && node->conceded != EVERYTHING;
    if (!may)
        return false;
    unsigned named = settings_in(failure->message) & ~node->conceded;
    bool many = __builtin_popcount(node->conceded) >= MOST_BY_NAME;
    node->conceded |= named && !many ? named : EVERYTHING;
    return true;
}

bool envelope_holds(const struct pg_conn *conn, const struct rowset *rowset)
{
    const struct pgcensus_rows *told = rowset ? &rowset->rows : NULL;
    if (!told || told->n_rows != 1 || told->n_columns == 0)
        return false;
    const char *read_only = pgcensus_rows_at(told, 0, told->n_columns - 1)->text;
    return pg_conn_transaction(conn) == PG_TRANSACTION_OPEN && read_only &&
           strcmp(read_only, "on") == 0;
}

const char *envelope_impossible(const struct pgcensus_failure *failure)
{
    /* pgbouncer, src/server.c */
    if (!strstr(failure->message, "not allowed in statement pooling mode"))
        return NULL;
    return "the pooler gives each statement to another server (pool_mode=statement), "
           "so "
           "nothing keeps this one from writing: ask the server itself, or use another "
           "pool_mode for this database";
}

/* ---- its end ---- */

/* Advisory locks of a session do not end with the transaction.  ROLLBACK comes first,
 * since a transaction that failed takes nothing else. */
const char *envelope_close(const struct node *node)
{
    return node->options.identity.via_pooler
               ? "ROLLBACK; SELECT pg_catalog.pg_advisory_unlock_all()"
               : "ROLLBACK";
}

/* ---- without ---- */

/* Quotes are not looked at: a simple Query may be several statements, and what a string
 * is depends on the server. */
bool envelope_is_needless(const char *sql)
{
    static const char blanks[] = " \t\r\n";
    if (strcmp(sql, "SELECT 1") == 0)
        return true;
    sql += strspn(sql, blanks);
    if (strncasecmp(sql, "show", 4) != 0 || !sql[4] || !strchr(blanks, sql[4]))
        return false;
    const char *end = sql + strcspn(sql, ";");
    return end[strspn(end, " \t\r\n;")] == '\0';
}

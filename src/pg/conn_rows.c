/* The rows of an answer, kept as they come.
 *
 * Invariant: nothing is kept beyond the limits of the statement.  An answer
 * beyond one of them ends the connection, because only that ends the statement
 * on the server as well.  A statement that writes must not be ended half way,
 * because we could not tell whether it was done: it drains, its further rows
 * are read and dropped.
 *
 * A full batch stops the clock, so that a slow reader (a pager, a pipe) does
 * not make a server late: neither the socket nor the deadline is looked at
 * until the rows are taken, and the deadline moves by that time. */
#include "pg/conn_private.h"

#include "base/quantity.h"
#include "base/text.h"

#include <stdio.h>

static bool keep_columns(struct rowset *rows, const PGresult *result)
{
    int n = PQnfields(result);
    if (!rowset_begin(rows, (size_t)n))
        return false;
    for (int i = 0; i < n; i++)
        if (!rowset_name(rows, (size_t)i, PQfname(result, i), PQftype(result, i)))
            return false;
    return true;
}

static bool keep_row(struct rowset *rows, const PGresult *result, int row)
{
    if (!rowset_add_row(rows))
        return false;
    for (int i = 0; i < (int)rows->rows.n_columns; i++) {
        int length = PQgetlength(result, row, i);
        if (length == 0 && PQgetisnull(result, row, i))
            continue;
        if (!rowset_set(rows, (size_t)i, PQgetvalue(result, row, i), (size_t)length))
            return false;
    }
    return true;
}

/* "more than 16MB (limits.max_bytes)" */
static void add_limit(struct buf *text, const char *words, size_t limit,
                      const char *owner)
{
    buf_add_format(text, "%s ", words);
    quantity_format_size((int64_t)limit, text);
    buf_add_str(text, owner);
}

void conn_exceed(struct pg_conn *conn, const char *words, size_t limit,
                 const char *owner)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    add_limit(&text, words, limit, owner);
    conn_give_up(conn, PGCENSUS_CLASS_LIMIT, text.broken ? words : text.bytes);
}

/* Keeps no more rows.  False: the connection is broken now. */
static bool keep_no_more(struct pg_conn *conn, enum pgcensus_class error_class,
                         const char *why)
{
    if (!conn->run.drains) {
        conn_give_up(conn, error_class, why);
        return false;
    }
    text_copy(conn->run.over, sizeof conn->run.over, why);
    return true;
}

static bool exceed_bytes(struct pg_conn *conn, const char *words, size_t limit,
                         const char *owner)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    add_limit(&text, words, limit, owner);
    return keep_no_more(conn, PGCENSUS_CLASS_LIMIT, text.broken ? words : text.bytes);
}

static bool exceed_rows(struct pg_conn *conn)
{
    const struct statement_run *run = &conn->run;
    char text[80];
    snprintf(text, sizeof text, "more than %zu row%s%s", run->max_rows,
             run->max_rows == 1 ? "" : "s", run->owners->rows);
    return keep_no_more(conn, PGCENSUS_CLASS_LIMIT, text);
}

/* grown: the size of the latest row.  False: it was too much, and the
 * connection is broken now. */
static bool row_is_within(struct pg_conn *conn, size_t grown)
{
    struct statement_run *run = &conn->run;
    run->n_bytes += grown;
    if (grown > run->max_row_bytes)
        return exceed_bytes(conn, "a row of more than", run->max_row_bytes,
                            run->owners->row_bytes);
    if (run->n_bytes > run->max_bytes)
        return exceed_bytes(conn, "more than", run->max_bytes, run->owners->bytes);
    if (run->budget) {
        run->budget->rows--;
        run->budget->bytes -= (int64_t)grown;
    }
    return true;
}

/* False: the connection is broken now. */
static bool keep_next(struct pg_conn *conn, const PGresult *result, int row)
{
    struct statement_run *run = &conn->run;
    size_t before = run->rows->bytes, rows_before = run->rows->rows.n_rows;
    if (*run->over)
        return true;
    if (run->n_rows >= run->max_rows)
        return exceed_rows(conn);
    if (!keep_row(run->rows, result, row)) {
        run->rows->rows.n_rows = rows_before; /* drop the incomplete row */
        return keep_no_more(conn, PGCENSUS_CLASS_LOCAL, "out of memory");
    }
    run->n_rows++;
    run->streaming = true;
    return row_is_within(conn, run->rows->bytes - before);
}

void conn_report_truncation(struct pg_conn *conn)
{
    const struct statement_run *run = &conn->run;
    if (*run->over && !conn->failed)
        conn_fail(conn, PGCENSUS_CLASS_LIMIT, NULL, "%s; the statement was done",
                  run->over);
}

bool conn_keep_rows(struct pg_conn *conn, const PGresult *result, nsec now)
{
    struct statement_run *run = &conn->run;
    if (!run->rows)
        run->rows = rowset_new();
    if (!run->rows || !(run->rows->columns || keep_columns(run->rows, result))) {
        rowset_free(take_ptr(run->rows)); /* rows without names are of no use */
        conn_give_up(conn, PGCENSUS_CLASS_LOCAL, "out of memory");
        return false;
    }
    if ((size_t)PQnfields(result) != run->rows->rows.n_columns) {
        conn_give_up(conn, PGCENSUS_CLASS_QUERY,
                     "several results with different columns");
        return false;
    }
    for (int row = 0; row < PQntuples(result); row++)
        if (!keep_next(conn, result, row))
            return false;
    if (run->batch && run->rows->bytes >= run->batch && run->rows->rows.n_rows > 0)
        run->full_since = now;
    return true;
}

bool pg_conn_is_full(const struct pg_conn *conn)
{
    return conn->state == PG_BUSY && conn->run.full_since;
}

bool pg_conn_owes(const struct pg_conn *conn)
{
    const struct pg_budget *budget = conn->run.budget;
    return conn->state == PG_BUSY && budget && (budget->rows < 0 || budget->bytes < 0);
}

struct rowset *pg_conn_rows(const struct pg_conn *conn)
{
    return conn->run.rows;
}

void pg_conn_drop_rest(struct pg_conn *conn, const char *why)
{
    if (!*conn->run.over)
        text_copy(conn->run.over, sizeof conn->run.over, why);
}

bool pg_conn_has_rows(const struct pg_conn *conn)
{
    const struct statement_run *run = &conn->run;
    bool may_be_taken = run->batch || conn->state != PG_BUSY;
    return may_be_taken && run->rows && run->rows->rows.n_rows > 0;
}

struct rowset *pg_conn_take_rows(struct pg_conn *conn)
{
    struct statement_run *run = &conn->run;
    struct rowset *rows = take_ptr(run->rows);
    if (conn->state != PG_BUSY || !run->full_since)
        return rows;
    nsec now = loop_now(conn->task->loop);
    run->deadline = clock_add(run->deadline, now - run->full_since);
    run->began += now - run->full_since;
    run->full_since = 0;
    conn_want_more(conn, now);
    return rows;
}

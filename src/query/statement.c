/* What can be said of a statement without a server. */
#include <pgcensus/query.h>

#include <string.h>

/* Behind a comment that nests, as those of PostgreSQL do; at the end of the text if it
 * never ends. */
static const char *skip_comment(const char *sql)
{
    unsigned depth = 0;
    while (*sql) {
        if (sql[0] == '/' && sql[1] == '*') {
            depth++;
            sql += 2;
        } else if (sql[0] == '*' && sql[1] == '/') {
            sql += 2;
            if (--depth == 0)
                break;
        } else {
            sql++;
        }
    }
    return sql;
}

/* The first character that a server would have to think about. */
static const char *skip_nothing(const char *sql)
{
    for (;;) {
        sql += strspn(sql, " \t\r\n\f\v;");
        if (sql[0] == '-' && sql[1] == '-')
            sql += strcspn(sql, "\r\n");
        else if (sql[0] == '/' && sql[1] == '*')
            sql = skip_comment(sql);
        else
            return sql;
    }
}

const char *pgcensus_query_refuses(const char *sql)
{
    const char *first = skip_nothing(sql);
    if (!*first)
        return "the statement is empty";
    if (*first == '\\')
        return "commands that begin with \\ are psql's own; a statement is wanted";
    return NULL;
}

const char *pgcensus_query_status_name(enum pgcensus_query_status status)
{
    switch (status) {
    case PGCENSUS_QUERY_FAILED:
        return "failed";
    case PGCENSUS_QUERY_OK:
        return "ok";
    case PGCENSUS_QUERY_PARTIAL:
        return "partial";
    case PGCENSUS_QUERY_SKIPPED:
        return "skipped";
    case PGCENSUS_QUERY_DISABLED:
        return "disabled";
    case PGCENSUS_QUERY_LEFT_OUT:
        return "left_out";
    }
    return "failed";
}

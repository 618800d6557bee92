/* What can be said of a statement without a server.
 *
 * Strings are read as standard_conforming_strings has them, which is on everywhere
 * since 9.1.  What never ends is left to the server, whose words are better.
 *
 * The surprise: a word is looked at as a whole, because the $ in a$b$c quotes nothing
 * and the e in type'x' escapes nothing. */
#include <pgcensus/query.h>

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t\r\n\f\v"

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
static const char *statement_skip_nothing(const char *sql, const char *blanks)
{
    for (;;) {
        sql += strspn(sql, blanks);
        if (sql[0] == '-' && sql[1] == '-')
            sql += strcspn(sql, "\r\n");
        else if (sql[0] == '/' && sql[1] == '*')
            sql = skip_comment(sql);
        else
            return sql;
    }
}

/* ---- tokens ---- */

static bool begins_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c & 0x80;
}

static size_t word_length(const char *sql)
{
    size_t n = begins_word(*sql);
    while (n > 0 &&
           (begins_word(sql[n]) || (sql[n] >= '0' && sql[n] <= '9') || sql[n] == '$'))
        n++;
    return n;
}

static bool is_sql_word(const char *sql, const char *word)
{
    size_t n = strlen(word);
    return word_length(sql) == n && strncasecmp(sql, word, n) == 0;
}

/* From the quote on.  A doubled one ends a text and begins another. */
static const char *skip_quoted(const char *sql)
{
    const char *end = strchr(sql + 1, *sql);
    return end ? end + 1 : sql + strlen(sql);
}

/* Behind blanks and comments with a line end among them, which part a text and the
 * next piece of it; where it was if there is none. */
static const char *skip_line_end(const char *sql)
{
    const char *at = sql;
    for (;;) {
        at += strspn(at, BLANKS);
        if (at[0] != '-' || at[1] != '-')
            break;
        at += strcspn(at, "\r\n");
    }
    size_t n = strcspn(sql, "\r\n");
    return n < (size_t)(at - sql) ? at : sql;
}

/* From the quote behind the E on.  Backslashes still mean something in the pieces that
 * follow. */
static const char *skip_escaped(const char *sql)
{
    for (sql++; *sql; sql++) {
        if (*sql == '\\' && sql[1]) {
            sql++;
        } else if (*sql == '\'') {
            const char *next = sql + 1;
            if (*next != '\'')
                next = skip_line_end(next);
            if (*next != '\'')
                return sql + 1;
            sql = next;
        }
    }
    return sql;
}

/* From the $ on: $$ … $$, $tag$ … $tag$, or a parameter. */
static const char *skip_dollar(const char *sql)
{
    size_t n = 1;
    while (begins_word(sql[n]) || (n > 1 && sql[n] >= '0' && sql[n] <= '9'))
        n++;
    if (sql[n] != '$')
        return sql + 1;
    n++;
    for (const char *at = sql + n; (at = strchr(at, '$')); at++)
        if (strncmp(at, sql, n) == 0)
            return at + n;
    return sql + strlen(sql);
}

static const char *skip_token(const char *sql)
{
    if (*sql == '\'' || *sql == '"')
        return skip_quoted(sql);
    if ((*sql == 'e' || *sql == 'E') && sql[1] == '\'')
        return skip_escaped(sql + 1);
    if (*sql == '$')
        return skip_dollar(sql);
    size_t n = word_length(sql);
    return sql + (n ? n : 1);
}

/* Of a function in standard SQL: statements with semicolons that a server understands
 * and we need not. */
static bool begins_body(const char *sql)
{
    return is_sql_word(sql, "begin") &&
           is_sql_word(statement_skip_nothing(sql + strlen("begin"), BLANKS), "atomic");
}

/* A semicolon between parentheses, of CREATE RULE, ends nothing. */
static bool is_several(const char *sql)
{
    unsigned depth = 0;
    bool creates = is_sql_word(sql, "create");
    while (*(sql = statement_skip_nothing(sql, BLANKS))) {
        if (*sql == ';' && depth == 0)
            return *statement_skip_nothing(sql, BLANKS ";");
        if (creates && begins_body(sql))
            return false;
        depth += *sql == '(';
        depth -= *sql == ')' && depth > 0;
        sql = skip_token(sql);
    }
    return false;
}

/* ---- what one statement is for ---- */

static bool is_any_of(const char *sql, const char *const *words)
{
    while (*words && !is_sql_word(sql, *words))
        words++;
    return *words;
}

static bool is_followed_by(const char *sql, const char *word)
{
    return is_sql_word(statement_skip_nothing(sql + word_length(sql), BLANKS), word);
}

/* Begins, ends or divides a transaction, and so has no meaning in one statement.  What
 * was prepared long ago can be ended by one. */
static bool controls_transaction(const char *sql, bool write)
{
    static const char *const words[] = {"begin",     "start",    "commit",
                                        "end",       "rollback", "abort",
                                        "savepoint", "release",  NULL};
    bool ends = is_sql_word(sql, "commit") || is_sql_word(sql, "rollback");
    if (write && ends && is_followed_by(sql, "prepared"))
        return false;
    return is_any_of(sql, words) ||
           (is_sql_word(sql, "prepare") && is_followed_by(sql, "transaction"));
}

/* Outlives its transaction, in a session that is over a moment later, or somebody
 * else's. */
static bool changes_session(const char *sql)
{
    static const char *const words[] = {"prepare", "deallocate", "discard", NULL};
    return is_any_of(sql, words);
}

enum pgcensus_refusal pgcensus_query_refusal(const char *sql, bool write)
{
    const char *first = statement_skip_nothing(sql, BLANKS ";");
    if (!*first)
        return PGCENSUS_REFUSAL_EMPTY;
    if (*first == '\\')
        return PGCENSUS_REFUSAL_PSQL;
    if (is_several(first))
        return PGCENSUS_REFUSAL_SEVERAL;
    if (is_sql_word(first, "copy"))
        return PGCENSUS_REFUSAL_COPY;
    if (controls_transaction(first, write))
        return PGCENSUS_REFUSAL_TRANSACTION;
    return !write && changes_session(first) ? PGCENSUS_REFUSAL_SESSION
                                            : PGCENSUS_REFUSAL_NONE;
}

const char *pgcensus_refusal_text(enum pgcensus_refusal refusal)
{
    switch (refusal) {
    case PGCENSUS_REFUSAL_NONE:
        break;
    case PGCENSUS_REFUSAL_EMPTY:
        return "the statement is empty";
    case PGCENSUS_REFUSAL_PSQL:
        return "commands that begin with \\ are psql's own; a statement is wanted";
    case PGCENSUS_REFUSAL_SEVERAL:
        return "one statement at a time; these are several";
    case PGCENSUS_REFUSAL_COPY:
        return "COPY is not supported; use SELECT";
    case PGCENSUS_REFUSAL_TRANSACTION:
        return "a statement that begins or ends a transaction is not sent: each is one "
               "of its own";
    case PGCENSUS_REFUSAL_SESSION:
        return "PREPARE, DEALLOCATE and DISCARD are sent as writes only: they change "
               "the session, which may be somebody else's next";
    }
    return NULL;
}

const char *pgcensus_query_refuses(const char *sql, bool write)
{
    return pgcensus_refusal_text(pgcensus_query_refusal(sql, write));
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

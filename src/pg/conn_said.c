/* Errors and notices of a server while it answers, and why it leaves. */
#include "pg/conn_private.h"
#include "pg/sqlstate.h"

#include <stdlib.h>
#include <string.h>

void conn_lose(struct pg_conn *conn, const char *text)
{
    const struct session *session = conn->session;
    if (!conn->failed && session->shutdown_notice[0]) {
        conn_fail(conn, pg_sqlstate_class(session->shutdown_notice, false),
                  session->shutdown_notice, "the server closed the connection: %s",
                  session->shutdown_text);
    } else if (!conn->failed) {
        struct pg_told told;
        char message[1024];
        pg_told_parse(text, &told);
        snprintf(message, sizeof message, "%.*s", told.message.n, told.message.text);
        enum pgcensus_class said = pg_text_class(message, PGCENSUS_PHASE_QUERY);
        bool odd = said == PGCENSUS_CLASS_LOCAL || said == PGCENSUS_CLASS_PROTOCOL ||
                   said == PGCENSUS_CLASS_LIMIT;
        if (told.message.n == 0)
            told.message = pg_words_of("the connection ended");
        conn_fail_told(conn, odd && *message ? said : PGCENSUS_CLASS_LOST, &told);
    }
    conn_enter(conn, PG_BROKEN);
}

/* After an ERROR the connection stays, whatever its SQLSTATE: 08P01 is a wrong
 * number of parameters, 08001 a dblink() that finds no server. */
static enum pgcensus_class class_of_error(const char *sqlstate, const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (!severity)
        severity = PQresultErrorField(result, PG_DIAG_SEVERITY);
    if (severity && strcmp(severity, "ERROR") == 0 && strncmp(sqlstate, "08", 2) == 0)
        return PGCENSUS_CLASS_QUERY;
    return pg_sqlstate_class(sqlstate, false);
}

/* The server counts in characters of its own encoding; in SQL_ASCII those are bytes. */
static unsigned position_in(const struct pg_conn *conn, const char *told)
{
    const char *sql = conn->run.sql;
    size_t position = sql && told ? strtoul(told, NULL, 10) : 0;
    if (position == 0 || position > strlen(sql) + 1)
        return 0;
    const char *encoding = PQparameterStatus(conn->session->pg, "server_encoding");
    if (!encoding || strcmp(encoding, "SQL_ASCII") != 0)
        return (unsigned)position;
    unsigned characters = 1;
    for (size_t i = 0; i + 1 < position; i++)
        characters += ((unsigned char)sql[i] & 0xc0) != 0x80;
    return characters;
}

static struct pg_words field_of(const PGresult *result, int code)
{
    return pg_words_of(PQresultErrorField(result, code));
}

void conn_note_error(struct pg_conn *conn, const PGresult *result)
{
    if (conn->failed)
        return;
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    struct pg_told told = {
        .severity = field_of(result, PG_DIAG_SEVERITY),
        .message = field_of(result, PG_DIAG_MESSAGE_PRIMARY),
        .detail = field_of(result, PG_DIAG_MESSAGE_DETAIL),
        .hint = field_of(result, PG_DIAG_MESSAGE_HINT),
        .position =
            position_in(conn, PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION)),
    };
    if (!sqlstate) { /* an error of libpq's own: the connection has ended */
        conn_lose(conn, PQresultErrorMessage(result));
        return;
    }
    if (!told.severity.text)
        told.severity = pg_words_of("ERROR");
    if (!told.message.text)
        told.message = pg_words_of("no message");
    snprintf(told.sqlstate, sizeof told.sqlstate, "%s", sqlstate);
    conn_fail_told(conn, class_of_error(sqlstate, result), &told);
}

void conn_listen(struct pg_conn *conn, bool listens)
{
    conn->session->notices = listens ? &conn->run.notices : NULL;
    conn->session->secrets = conn->env->secrets;
}

struct pgcensus_notices pg_conn_take_notices(struct pg_conn *conn)
{
    struct pgcensus_notices notices = conn->run.notices;
    conn->run.notices = (struct pgcensus_notices){0};
    return notices;
}

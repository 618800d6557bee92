/* Foreign words → struct pgcensus_failure.
 *
 * The SQLSTATE of a failed login is not in libpq's interface.  With verbose errors it
 * is in the text, in a place that no translation moves ("SEVERITY:  CODE: message", two
 * blanks, then one), so that is where it is read.  Everything else that is read out of
 * texts here are words of libpq's own, in English: a program that turns on LC_MESSAGES
 * gets coarser classes for those, never wrong ones for an SQLSTATE.
 *
 * The order in pg_failure_vset() matters: secrets are replaced in the raw text, before
 * escaping could change them and before the cut at the end could leave half of one. */
#include "pg/failure.h"

#include "base/buf.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { SQLSTATE = 5 };

static bool is_sqlstate(const char *text)
{
    for (size_t i = 0; i < SQLSTATE; i++)
        if (!(text[i] >= '0' && text[i] <= '9') && !(text[i] >= 'A' && text[i] <= 'Z'))
            return false;
    return true;
}

static bool is_retryable(enum pgcensus_class error_class, const char *sqlstate)
{
    bool may = pg_class_retryable(error_class);
    if (!*sqlstate)
        return may;
    /* poolers say it of anything, servers of a statement that is wrong every time */
    if (error_class == PGCENSUS_CLASS_QUERY && strcmp(sqlstate, "08P01") == 0)
        return false;
    return (may || error_class == PGCENSUS_CLASS_QUERY) &&
           pg_sqlstate_retryable(sqlstate);
}

/* Line ends and the blanks around them become one blank. */
static void join_lines(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (!strchr("\n\r\t", *from)) {
            *to++ = *from;
            continue;
        }
        while (to > text && to[-1] == ' ')
            to--;
        while (from[1] && strchr("\n\r\t ", from[1]))
            from++;
        if (to > text && from[1])
            *to++ = ' ';
    }
    *to = '\0';
}

void pg_failure_vset(struct pgcensus_failure *ret_failure,
                     enum pgcensus_class error_class, enum pgcensus_phase phase,
                     const char *sqlstate, const struct secrets *secrets,
                     const char *format, va_list args)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    buf_add_vformat(&text, format, args);
    secrets_redact(secrets, &text);

    *ret_failure =
        (struct pgcensus_failure){.error_class = error_class, .phase = phase};
    if (sqlstate && is_sqlstate(sqlstate))
        memcpy(ret_failure->sqlstate, sqlstate, SQLSTATE);
    ret_failure->retryable = is_retryable(error_class, ret_failure->sqlstate);
    if (text.broken) {
        text_copy(ret_failure->message, sizeof ret_failure->message,
                  "failed, and no memory to say why");
        return;
    }
    if (text.len > 0)
        join_lines(text.bytes);
    text_copy_safe(ret_failure->message, sizeof ret_failure->message, text.bytes,
                   strlen(text.bytes));
}

void pg_failure_set(struct pgcensus_failure *ret_failure,
                    enum pgcensus_class error_class, enum pgcensus_phase phase,
                    const char *sqlstate, const struct secrets *secrets,
                    const char *format, ...)
{
    va_list args;
    va_start(args, format);
    pg_failure_vset(ret_failure, error_class, phase, sqlstate, secrets, format, args);
    va_end(args);
}

/* ---- libpq's texts ---- */

/* "…failed: FATAL:  28P01: text" → the position of "28P01", or NULL. */
static const char *find_sqlstate(const char *text)
{
    for (const char *at = text; (at = strstr(at, ":  ")) != NULL; at += 3)
        if (strnlen(at + 3, SQLSTATE) == SQLSTATE && is_sqlstate(at + 3) &&
            strncmp(at + 3 + SQLSTATE, ": ", 2) == 0)
            return at + 3;
    return NULL;
}

/* Where the severity begins whose ":  " is at colon. */
static const char *find_severity(const char *text, const char *colon)
{
    const char *at = colon;
    while (at > text && at[-1] != ' ' && at[-1] != '\n')
        at--;
    return at;
}

/* Behind "connection to server at "x" (y), port n failed: " and "SSL error: ", which
 * repeat what we say better ourselves. */
static const char *skip_preface(const char *text)
{
    static const char failed[] = " failed: ";
    static const char *const kinds[] = {"SSL error: ", "fe_sendauth: "};
    if (strncmp(text, "connection to server", 20) == 0) {
        size_t line = strcspn(text, "\n");
        const char *end = strstr(text, failed);
        if (end && (size_t)(end - text) < line)
            text = end + sizeof failed - 1;
    }
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (strncmp(text, kinds[i], strlen(kinds[i])) == 0)
            text += strlen(kinds[i]);
    return text;
}

bool pg_failure_parse(const char *text, char ret_sqlstate[6], char *ret_message,
                      size_t size)
{
    const char *code = find_sqlstate(text);
    if (!code) {
        const char *own = skip_preface(text);
        if (strstr(own, "server closed the connection") || strstr(own, "EOF detected"))
            own = "the server closed the connection";
        snprintf(ret_message, size, "%.*s", (int)strcspn(own, "\n"), own);
        return false;
    }
    const char *colon = code - 3, *message = code + SQLSTATE + 2;
    const char *severity = find_severity(text, colon);
    memcpy(ret_sqlstate, code, SQLSTATE);
    ret_sqlstate[SQLSTATE] = '\0';
    snprintf(ret_message, size, "%.*s: %.*s", (int)(colon - severity), severity,
             (int)strcspn(message, "\n"), message);
    return true;
}

/* ---- libpq's own words ---- */

static const struct {
    const char *words;
    enum pgcensus_class error_class;
} own_words[] = {
    {"server closed the connection", PGCENSUS_CLASS_LOST},
    {"EOF detected", PGCENSUS_CLASS_LOST},
    {"closed unexpectedly", PGCENSUS_CLASS_LOST}, /* TLS's own goodbye, too */
    {"unexpected eof", PGCENSUS_CLASS_LOST},
    {"for input buffer", PGCENSUS_CLASS_LIMIT}, /* as much as the server announced */
    {"out of memory", PGCENSUS_CLASS_LOCAL},
    {"invalid connection option", PGCENSUS_CLASS_CONFIG},
    {"authentication method", PGCENSUS_CLASS_AUTH}, /* require_auth too */
    {"channel binding", PGCENSUS_CLASS_AUTH},
    {"requirepeer", PGCENSUS_CLASS_AUTH},
    {"SCRAM", PGCENSUS_CLASS_AUTH},
    {"SASL", PGCENSUS_CLASS_AUTH},
    {"GSSAPI", PGCENSUS_CLASS_AUTH},
    {"no password supplied", PGCENSUS_CLASS_AUTH},
    {"SSL", PGCENSUS_CLASS_TLS},
    {"tlsv1", PGCENSUS_CLASS_TLS}, /* OpenSSL: "tlsv13 alert certificate required" */
    {"certificate", PGCENSUS_CLASS_TLS},
    {"private key", PGCENSUS_CLASS_TLS},
    {"expected authentication request", PGCENSUS_CLASS_PROTOCOL},
    {"lost synchronization", PGCENSUS_CLASS_PROTOCOL},
};

/* Those that connecting and reading can end with, the telling ones first. */
static const int errnos[] = {
    ECONNREFUSED, ECONNRESET,    ETIMEDOUT,    EHOSTUNREACH, ENETUNREACH,
    ENOENT,       EMFILE,        ENFILE,       EPIPE,        ENOTCONN,
    EACCES,       EADDRNOTAVAIL, EAFNOSUPPORT, ENOBUFS,      ENOMEM,
    EAGAIN,       ECONNABORTED,  EHOSTDOWN,    EPROTOTYPE,   EINVAL,
};

int pg_text_errno(const char *text)
{
    for (size_t i = 0; i < ARRAY_SIZE(errnos); i++)
        if (strstr(text, strerror(errnos[i])))
            return errnos[i];
    return 0;
}

enum pgcensus_class pg_text_class(const char *text, enum pgcensus_phase phase)
{
    for (size_t i = 0; i < ARRAY_SIZE(own_words); i++)
        if (strstr(text, own_words[i].words))
            return own_words[i].error_class;
    int error = pg_text_errno(text);
    if (error)
        return pg_errno_class(error);
    switch (phase) {
    case PGCENSUS_PHASE_NONE:
    case PGCENSUS_PHASE_RESOLVE:
    case PGCENSUS_PHASE_CONNECT: /* nothing was sent yet: it did not like its options */
        return PGCENSUS_CLASS_CONFIG;
    case PGCENSUS_PHASE_TLS:
        return PGCENSUS_CLASS_TLS;
    case PGCENSUS_PHASE_AUTH:
    case PGCENSUS_PHASE_QUERY:
    case PGCENSUS_PHASE_STREAM:
        break;
    }
    return PGCENSUS_CLASS_PROTOCOL;
}

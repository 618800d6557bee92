/* Texts of libpq and of servers → struct pgcensus_failure.
 *
 * The words that are searched for here are libpq's own, in English.  A program
 * that turns on LC_MESSAGES gets coarser classes for them; classes by SQLSTATE
 * stay right.
 *
 * The order in pg_make_safe() matters: secrets are replaced in the raw text, before
 * escaping could change them and before the cut at the end could leave half of one. */
#include "pg/failure.h"
#include "pg/sqlstate.h"

#include "base/buf.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

enum { SQLSTATE = 5 };

static bool is_retryable(enum pgcensus_class error_class, const char *sqlstate)
{
    bool may = pg_class_retryable(error_class);
    if (!*sqlstate)
        return may;
    /* poolers send it for anything, servers for a statement that is always wrong */
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

void pg_make_safe(struct buf *text, const struct secrets *secrets)
{
    AUTO(buf_fini) struct buf safe = BUF_INIT;
    secrets_redact(secrets, text);
    if (text->broken || text->len == 0)
        return;
    join_lines(text->bytes);
    text_add_safe_str(&safe, text->bytes);
    buf_clear(text);
    buf_add(text, safe.bytes, safe.len);
    text->broken |= safe.broken;
}

/* ---- three texts in one array ---- */

struct failure_texts {
    const char *message, *detail, *hint; /* safe; detail and hint may be "" */
};

/* Appends text to the failure's array, in at most size bytes with its end.  Returns
 * where it begins. */
static size_t put_text(struct pgcensus_failure *failure, size_t at, size_t size,
                       const char *text)
{
    static const char cut[] = "…";
    if (strlen(text) < size) {
        memcpy(failure->message + at, text, strlen(text) + 1);
    } else {
        text_copy(failure->message + at, size + 1 - sizeof cut, text);
        memcpy(strchr(failure->message + at, '\0'), cut, sizeof cut);
    }
    return at;
}

static size_t larger_of(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* A text that needs less than its share leaves the rest to the others. */
static void put_all(struct pgcensus_failure *failure, struct failure_texts texts)
{
    size_t size = sizeof failure->message;
    size_t hint = *texts.hint ? strlen(texts.hint) + 1 : 0;
    size_t detail = *texts.detail ? strlen(texts.detail) + 1 : 0;
    size_t others = hint + detail;
    put_text(failure, 0, larger_of(size / 2, others < size ? size - others : 0),
             texts.message);
    size_t at = strlen(failure->message) + 1, left = size - at;
    failure->detail_at = failure->hint_at = 0;
    if (detail) {
        size_t most = larger_of(left / 2, hint < left ? left - hint : 0);
        failure->detail_at = (uint16_t)put_text(failure, at, most, texts.detail);
        at += strlen(failure->message + at) + 1;
    }
    if (hint)
        failure->hint_at = (uint16_t)put_text(failure, at, size - at, texts.hint);
}

void pg_failure_reword(struct pgcensus_failure *failure, const char *message)
{
    const struct pgcensus_failure before = *failure;
    const char *hint = pgcensus_failure_hint(&before);
    put_all(failure, (struct failure_texts){message, before.message, hint ? hint : ""});
}

void pg_failure_append(struct pgcensus_failure *failure, const char *words)
{
    const struct pgcensus_failure before = *failure;
    const char *detail = pgcensus_failure_detail(&before);
    const char *hint = pgcensus_failure_hint(&before);
    char message[sizeof before.message];
    size_t most = sizeof message / 2 - strlen(words);
    text_copy_safe(message, most, before.message, strlen(before.message));
    memcpy(strchr(message, '\0'), words, strlen(words) + 1);
    put_all(failure,
            (struct failure_texts){message, detail ? detail : "", hint ? hint : ""});
}

/* ---- filling ---- */

static void failure_begin(struct pgcensus_failure *ret_failure,
                          enum pgcensus_class error_class, enum pgcensus_phase phase,
                          const char *sqlstate)
{
    *ret_failure =
        (struct pgcensus_failure){.error_class = error_class, .phase = phase};
    if (sqlstate && pg_is_sqlstate(sqlstate))
        memcpy(ret_failure->sqlstate, sqlstate, SQLSTATE);
    ret_failure->retryable = is_retryable(error_class, ret_failure->sqlstate);
}

static void fill_failure(struct pgcensus_failure *failure, const struct buf *message,
                         const struct buf *detail, const struct buf *hint)
{
    /* A broken buf may still hold a secret. */
    put_all(failure,
            (struct failure_texts){
                message->broken ? "failed, and no memory to say why" : message->bytes,
                detail->broken ? "" : detail->bytes,
                hint->broken ? "" : hint->bytes,
            });
}

void pg_failure_vset(struct pgcensus_failure *ret_failure,
                     enum pgcensus_class error_class, enum pgcensus_phase phase,
                     const char *sqlstate, const struct secrets *secrets,
                     const char *format, va_list args)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    const struct buf none = BUF_INIT;
    buf_add_vformat(&text, format, args);
    pg_make_safe(&text, secrets);
    failure_begin(ret_failure, error_class, phase, sqlstate);
    fill_failure(ret_failure, &text, &none, &none);
}

void pg_failure_tell(struct pgcensus_failure *ret_failure,
                     enum pgcensus_class error_class, enum pgcensus_phase phase,
                     const struct secrets *secrets, const struct pg_told *told)
{
    AUTO(buf_fini) struct buf message = BUF_INIT;
    AUTO(buf_fini) struct buf detail = BUF_INIT;
    AUTO(buf_fini) struct buf hint = BUF_INIT;
    buf_add(&message, told->severity.text, (size_t)told->severity.n);
    buf_add_str(&message, told->severity.n ? ": " : "");
    buf_add(&message, told->message.text, (size_t)told->message.n);
    buf_add(&detail, told->detail.text, (size_t)told->detail.n);
    buf_add(&hint, told->hint.text, (size_t)told->hint.n);
    pg_make_safe(&message, secrets);
    pg_make_safe(&detail, secrets);
    pg_make_safe(&hint, secrets);
    failure_begin(ret_failure, error_class, phase, told->sqlstate);
    ret_failure->position = told->position;
    fill_failure(ret_failure, &message, &detail, &hint);
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

/* ---- libpq's own words ---- */

static const struct {
    const char *words;
    enum pgcensus_class error_class;
} own_words[] = {
    {"server closed the connection", PGCENSUS_CLASS_LOST},
    {"EOF detected", PGCENSUS_CLASS_LOST},
    {"closed unexpectedly", PGCENSUS_CLASS_LOST}, /* also the end of TLS */
    {"unexpected eof", PGCENSUS_CLASS_LOST},
    {"for input buffer",
     PGCENSUS_CLASS_LIMIT}, /* of the size that the server announced */
    {"out of memory", PGCENSUS_CLASS_LOCAL},
    {"malloc failure", PGCENSUS_CLASS_LOCAL}, /* OpenSSL's words for it */
    {"Cannot allocate memory", PGCENSUS_CLASS_LOCAL},
    {"invalid connection option", PGCENSUS_CLASS_CONFIG},
    {"authentication method", PGCENSUS_CLASS_AUTH}, /* require_auth too */
    {"OAuth", PGCENSUS_CLASS_AUTH},                 /* libpq 18: "requires OAuth …" */
    {"OAUTHBEARER", PGCENSUS_CLASS_AUTH},
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

/* Errnos with which connecting and reading can end, the most specific first. */
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
    case PGCENSUS_PHASE_CONNECT: /* nothing was sent yet: libpq rejects its options */
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

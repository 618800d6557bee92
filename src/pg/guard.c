/* A message of the login is one type byte, a length, a body.  We walk over the
 * peeked bytes and let libpq read only when they end where the server has to
 * wait for us, or where nothing dangerous can follow.
 *
 * Invariant: after PASS or COMPUTE libpq consumes exactly the messages that
 * were looked at, so the next look begins at the start of a message again.  If
 * a server breaks that by sending more in between, the rest of its message is
 * looked at as if it were a beginning, and is refused: its length field cannot
 * be sane, because SCRAM texts hold no zero bytes.
 *
 * A peek is no lock: what arrives between our look and libpq's read is not
 * looked at.  A SASLContinue cannot use that (it must repeat a nonce that we
 * send in between, and nothing else may come once SASL has begun); a request
 * for a cleartext password right behind another request could.  require_auth
 * closes that on libpq 16 and later; on 15 it stays open to an attacker who
 * controls the network and wins the race. */
#include "pg/guard.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

enum {
    HEADER = 5, /* type and length */
    CODE = 9,   /* … and the code of an authentication request */
};

/* libpq's own bounds of a length field (fe-connect.c): beyond them it is no PostgreSQL.
 */
enum {
    SHORTEST = 8,
    LONGEST_REQUEST = 2000,
    LONGEST_ERROR = 30000,
};

/* protocol manual, "Message Formats": Authentication… */
enum request {
    REQUEST_OK = 0,
    REQUEST_KERBEROS_V5 = 2,
    REQUEST_CLEARTEXT = 3,
    REQUEST_MD5 = 5,
    REQUEST_GSS = 7,
    REQUEST_GSS_CONTINUE = 8,
    REQUEST_SSPI = 9,
    REQUEST_SASL = 10,
    REQUEST_SASL_CONTINUE = 11,
    REQUEST_SASL_FINAL = 12,
};

static uint32_t big_endian(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
           (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The attribute "NAME=…" at *at; *at moves behind its comma. */
static bool next_attribute(const unsigned char **at, const unsigned char *end,
                           char name, const unsigned char **ret_value,
                           size_t *ret_length)
{
    const unsigned char *start = *at;
    if (end - start < 2 || start[0] != name || start[1] != '=')
        return false;
    const unsigned char *comma = memchr(start, ',', (size_t)(end - start));
    const unsigned char *stop = comma ? comma : end;
    *ret_value = start + 2;
    *ret_length = (size_t)(stop - start - 2);
    *at = comma ? comma + 1 : end;
    return true;
}

/* "r=NONCE,s=SALT,i=COUNT", RFC 5802, as strictly as libpq reads it.  Saturates: libpq
 * would wrap a number beyond its int around. */
static bool parse_iterations(const unsigned char *body, size_t n, unsigned *ret_count)
{
    const unsigned char *at = body, *end = body + n, *value;
    size_t length;
    if (!next_attribute(&at, end, 'r', &value, &length) ||
        !next_attribute(&at, end, 's', &value, &length) ||
        !next_attribute(&at, end, 'i', &value, &length) || length == 0)
        return false;
    unsigned count = 0;
    for (size_t i = 0; i < length; i++) {
        if (value[i] < '0' || value[i] > '9')
            return false;
        unsigned digit = value[i] - '0';
        count = count > (UINT_MAX - digit) / 10 ? UINT_MAX : count * 10 + digit;
    }
    *ret_count = count;
    return true;
}

static enum guard_verdict judge_continue(const struct guard_policy *policy,
                                         const unsigned char *body, size_t n,
                                         struct guard_view *view)
{
    if (!view->sasl || !parse_iterations(body, n, &view->iterations))
        return GUARD_PROTOCOL;
    return view->iterations > policy->max_iterations ? GUARD_ITERATIONS : GUARD_COMPUTE;
}

/* message: one whole authentication request; more: another message follows it
 * already.  HOLD: the next message has to be looked at, too. */
static enum guard_verdict judge_message(const struct guard_policy *policy,
                                        const unsigned char *message, size_t n,
                                        bool more, struct guard_view *view)
{
    uint32_t request = big_endian(message + HEADER);
    if (request == REQUEST_OK) {
        view->done = view->let_in = true;
        return GUARD_PASS;
    }
    if (request == REQUEST_SASL_FINAL && view->sasl)
        return more ? GUARD_HOLD : GUARD_PASS;

    /* All other requests wait for an answer of ours, and a server that has
     * begun SASL may not change to another method. */
    if (more || (view->sasl && request != REQUEST_SASL_CONTINUE))
        return GUARD_PROTOCOL;
    switch (request) {
    case REQUEST_SASL:
        view->sasl = true;
        return GUARD_PASS;
    case REQUEST_SASL_CONTINUE:
        return judge_continue(policy, message + CODE, n - CODE, view);
    case REQUEST_SASL_FINAL:
        return GUARD_PROTOCOL;
    case REQUEST_MD5:
        view->md5 = true;
        return GUARD_PASS;
    case REQUEST_CLEARTEXT:
        return policy->cleartext_allowed ? GUARD_PASS : GUARD_CLEARTEXT;
    case REQUEST_KERBEROS_V5:
    case REQUEST_GSS:
    case REQUEST_GSS_CONTINUE:
    case REQUEST_SSPI:
        return policy->gss_allowed ? GUARD_PASS : GUARD_GSS;
    }
    return GUARD_PASS; /* libpq refuses what it does not support */
}

struct guard_view guard_look(const struct guard_policy *policy,
                             const unsigned char *bytes, size_t n)
{
    struct guard_view view = {GUARD_HOLD, .sasl = policy->in_sasl};
    for (size_t at = 0; view.verdict == GUARD_HOLD && at < n;) {
        const unsigned char *message = bytes + at;
        size_t left = n - at;
        bool is_error = message[0] == 'E';
        if (!memchr("REv", message[0], 3)) {
            view.verdict = GUARD_PROTOCOL;
            break;
        }
        if (left < HEADER)
            break;
        size_t size = 1 + (size_t)big_endian(message + 1);
        if (size < 1 + SHORTEST ||
            size > 1 + (is_error ? LONGEST_ERROR : LONGEST_REQUEST)) {
            view.verdict = GUARD_PROTOCOL;
        } else if (is_error) { /* libpq answers nothing after it, whole or not */
            view.verdict = GUARD_PASS;
            view.done = true;
        } else if (left < size) {
            break;
        } else if (message[0] == 'R') {
            view.verdict = judge_message(policy, message, size, left > size, &view);
        }
        at += size;
    }
    return view;
}

enum guard_answer guard_look_answer(const unsigned char *bytes, size_t n)
{
    static const char ssh[] =
        "SSH-"; /* sends first, and begins with the same byte as a yes */
    bool is_ssh = n >= 2 && memcmp(bytes, ssh, n < 4 ? n : 4) == 0;
    switch (bytes[0]) {
    case 'S':
        return n == 1   ? GUARD_TLS_YES
               : is_ssh ? GUARD_TLS_PROTOCOL
                        : GUARD_TLS_INJECTED;
    case 'N':
        return n == 1 ? GUARD_TLS_NO : GUARD_TLS_PROTOCOL;
    case 'E':
        return GUARD_TLS_ERROR;
    }
    return GUARD_TLS_PROTOCOL;
}

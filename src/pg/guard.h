/* Looks at what a server sends in plaintext before libpq sees it: recv(MSG_PEEK).
 *
 * libpq answers any authentication request and has no cap on SCRAM iterations
 * (2^31 are 22 minutes inside one call), so the limits are set here: cleartext
 * passwords only on loopback or a unix socket, GSS only for a node that wants
 * it, no absurd counts.  Pure over the peeked bytes, so that it is tested and
 * fuzzed without a socket. */
#ifndef PG_GUARD_H
#define PG_GUARD_H

#include <stdbool.h>
#include <stddef.h>

struct guard_policy {
    bool cleartext_allowed, gss_allowed;
    unsigned max_iterations;
    bool in_sasl; /* an earlier look saw SASL begin: nothing else may follow */
};

enum guard_verdict {
    GUARD_PASS,       /* let libpq read */
    GUARD_HOLD,       /* an authentication message is not complete yet: wait */
    GUARD_COMPUTE,    /* let libpq read, but off the loop: it will compute SCRAM */
    GUARD_CLEARTEXT,  /* refuse: the server asks for a password in clear text */
    GUARD_GSS,        /* refuse: the server asks for Kerberos */
    GUARD_ITERATIONS, /* refuse: too many SCRAM iterations */
    GUARD_PROTOCOL,   /* refuse: this is no PostgreSQL */
};

struct guard_view {
    enum guard_verdict verdict;
    unsigned iterations; /* as a SASLContinue asks for */
    bool md5;            /* an MD5 password was asked for */
    bool sasl;           /* SASL has begun, now or before */
    bool let_in;         /* our login was accepted */
    bool done;           /* with PASS: nothing that follows needs a look */
};

/* bytes: the unread input that has arrived, from the start of a message. */
struct guard_view guard_look(const struct guard_policy *policy,
                             const unsigned char *bytes, size_t n);

/* The answer to SSLRequest: one byte, and nothing behind it until we speak again. */
enum guard_answer {
    GUARD_TLS_YES,
    GUARD_TLS_NO,
    GUARD_TLS_ERROR, /* an error message, of a server that has not proved its identity
                      */
    GUARD_TLS_INJECTED, /* plaintext behind the yes: CVE-2021-23222 */
    GUARD_TLS_PROTOCOL, /* this is no PostgreSQL */
};

/* n > 0 */
enum guard_answer guard_look_answer(const unsigned char *bytes, size_t n);

#endif

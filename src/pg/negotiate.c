#include "pg/negotiate.h"

/* The strictest mode that would have succeeded; `tried` itself if there is none. */
static enum pg_sslmode cure(enum pg_sslmode tried, enum pg_tls_outcome outcome)
{
    switch (outcome) {
    case PG_TLS_NOT_OFFERED:
        /* prefer accepts the server's "no"; disable would not even ask. */
        return tried >= PG_SSL_REQUIRE ? PG_SSL_PREFER : tried;
    case PG_TLS_NOT_VERIFIED:
        /* If only the name does not match, the chain may still be valid: one
         * step at a time. */
        return tried == PG_SSL_VERIFY_FULL ? PG_SSL_VERIFY_CA
               : tried == PG_SSL_VERIFY_CA ? PG_SSL_REQUIRE
                                           : tried;
    case PG_TLS_FINE:
    case PG_TLS_BROKEN:
        break;
    }
    return tried;
}

bool pg_negotiate_next(enum pg_sslmode tried, enum pg_sslmode minimum,
                       enum pg_tls_outcome outcome, enum pg_sslmode *ret_next)
{
    enum pg_sslmode next = cure(tried, outcome);
    if (next == tried || next < minimum)
        return false;
    *ret_next = next;
    return true;
}

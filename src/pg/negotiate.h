/* Chooses the sslmode that is tried next.  Pure.
 *
 * From sslmode down to sslmode_min; a step down is only taken for a reason that the
 * lower mode can cure, and never after a credential was sent. */
#ifndef PG_NEGOTIATE_H
#define PG_NEGOTIATE_H

#include "pg/target.h"

enum pg_tls_outcome {
    PG_TLS_FINE,
    PG_TLS_NOT_OFFERED,  /* the server said N before anything was sent */
    PG_TLS_NOT_VERIFIED, /* chain or name of the certificate */
    PG_TLS_BROKEN,       /* any other failure; never a reason to step down */
};

/* The mode to try after `tried` had that outcome; false: give up. */
bool pg_negotiate_next(enum pg_sslmode tried, enum pg_sslmode minimum,
                       enum pg_tls_outcome outcome, enum pg_sslmode *ret_next);

#endif

/* The files that libpq opens for TLS. */
#ifndef PG_TLS_FILES_H
#define PG_TLS_FILES_H

#include "pg/target.h"

enum { PG_TLS_FILES = 4 };

struct pg_tls_file {
    const char *keyword; /* sslrootcert, sslcrl, sslcert or sslkey */
    const char *path;    /* from the target or the environment, or … */
    bool by_itself;      /* … libpq's own choice in ~/.postgresql: */
    char own[512];
};

/* The nth file for an attempt with that mode.  False: that one is not opened,
 * or has no name (no HOME).  A file that depends on another comes right behind
 * it: a revocation list behind its root, a key behind its certificate. */
bool pg_tls_file(const struct pg_target *target, enum pg_sslmode mode, size_t n,
                 struct pg_tls_file *ret_file);
/* True if libpq looks for it only if the one before it exists. */
bool pg_tls_file_depends(const struct pg_tls_file *file);

#endif

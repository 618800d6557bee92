/* The server and login of a connection; filled by config, copied by each pool. */
#ifndef PG_TARGET_H
#define PG_TARGET_H

#include "base/auto.h"

#include <pgcensus/status.h>

/* Ordered by what they guarantee.  There is no "allow", which logs in without
 * TLS first.  Our "prefer" logs in once; libpq's own logs in twice on every
 * failure. */
enum pg_sslmode {
    PG_SSL_DISABLE,
    PG_SSL_PREFER, /* TLS if the server has it; plaintext only if it says it has none */
    PG_SSL_REQUIRE,
    PG_SSL_VERIFY_CA,
    PG_SSL_VERIFY_FULL,
};

const char *pg_sslmode_name(enum pg_sslmode mode);
bool pg_sslmode_find(const char *name, enum pg_sslmode *ret_mode);

/* Passed to libpq unchanged: sslrootcert, keepalives_idle, application_name … */
struct pg_keyword {
    const char *keyword, *value;
};

struct pg_target {
    const char *host;     /* name, address, or socket directory (starts with '/') */
    const char *hostaddr; /* NULL, or the address to use instead of asking for host */
    uint16_t port;
    const char *dbname, *user;
    const char *password;                 /* NULL: none */
    enum pg_sslmode sslmode, sslmode_min; /* tried from sslmode down to sslmode_min */
    bool via_pooler;                      /* no startup options, roles by query */
    bool gss;                             /* the node asked for Kerberos */
    unsigned max_scram_iterations;
    const void *account; /* computations with the same account are counted together;
                            NULL: not counted */
    const struct pg_keyword *keywords;
    size_t n_keywords;
};

#define PG_MAX_SCRAM_ITERATIONS 200000u

/* A deep copy that owns everything it points to; NULL: no memory. */
struct pg_target *pg_target_copy(const struct pg_target *target);
void pg_target_free(struct pg_target *copy); /* wipes the password */
AUTO_DEFINE(struct pg_target *, pg_target_free)

bool pg_target_is_unix(const struct pg_target *target);
/* ADDRESS:PORT or the socket's path, for messages: "10.0.0.13:5432". */
void pg_target_describe(const struct pg_target *target, const char *address, char *to,
                        size_t size);

#endif

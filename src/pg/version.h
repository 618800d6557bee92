/* The versions of the libraries that only this room may use; the rest is in
 * <pgcensus/version.h>. */
#ifndef PG_VERSION_H
#define PG_VERSION_H

#include <stdbool.h>
#include <stddef.h>

/* "15.20 (compiled with 17.11)" */
void pg_version_libpq(char *to, size_t size);
/* "OpenSSL 3.0.17 1 Jul 2025", static. */
const char *pg_version_openssl(void);
/* The warning for a libpq older than the fixes of August 2026; NULL: fine. */
const char *pg_version_warning(int libpq_version);

#endif

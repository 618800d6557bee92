/* The version of pgcensus and of the libraries that it was built with. */
#ifndef PGCENSUS_VERSION_H
#define PGCENSUS_VERSION_H

#include <stdbool.h>
#include <stddef.h>

#define PGCENSUS_VERSION "0.1.0"

/* One line of `pgcensus --version`: "libpq", "15.20 (compiled with 15.20)". */
struct pgcensus_component {
    const char *name;
    const char *text;
};

/* libpq, libcyaml, libyaml, OpenSSL (as libpq's TLS library says), optional features.
 * Static storage is filled at the first call; not for several threads at once. */
size_t pgcensus_components(const struct pgcensus_component **ret_components);

/* NULL, or why this libpq should be upgraded. */
const char *pgcensus_libpq_warning(void);

#endif

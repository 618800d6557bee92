/* The notices of a server, kept within limits. */
#ifndef PG_NOTICES_H
#define PG_NOTICES_H

#include "base/secrets.h"

#include <pgcensus/query.h>

/* Adds a notice, made safe and one line.  Beyond the limits, or without memory,
 * it is only counted. severity: not translated, NULL from a server that is too
 * old to send it; sqlstate and text may be NULL. */
void notices_add(struct pgcensus_notices *notices, const char *severity,
                 const char *sqlstate, const char *text, const struct secrets *secrets);

#endif

/* What a server says besides rows, kept within limits. */
#ifndef PG_NOTICES_H
#define PG_NOTICES_H

#include "base/secrets.h"

#include <pgcensus/query.h>

/* Adds one, made safe and one line; what is one too many, or what there is no memory
 * for, is only counted.  severity: not translated, NULL if the server is too old to say
 * so; sqlstate and text may be NULL. */
void notices_add(struct pgcensus_notices *notices, const char *severity,
                 const char *sqlstate, const char *text, const struct secrets *secrets);

#endif

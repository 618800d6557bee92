/* The part of the process's environment that libpq reads.
 * pgcensus_environment_prepare() is declared in <pgcensus/config.h>. */
#ifndef PG_ENVIRONMENT_H
#define PG_ENVIRONMENT_H

#include <stdbool.h>

/* Gives libpq back the Kerberos credentials that prepare() hid from it.  Called
 * before any thread is started, for a fleet with a node that asks for GSS. */
void pg_environment_allow_kerberos(void);
/* Whether that is done already, so that the environment need not change. */
bool pg_environment_has_kerberos(void);

#endif

/* The part of the process's environment that libpq reads.
 * pgcensus_environment_prepare() is declared in <pgcensus/config.h>. */
#ifndef PG_ENVIRONMENT_H
#define PG_ENVIRONMENT_H

#include <stdbool.h>

/* Gives libpq back the Kerberos credentials that prepare() hid from it.  Before any
 * thread is started, for a fleet in which some node asks for GSS. */
void pg_environment_allow_kerberos(void);
/* Whether it is allowed already, so that nothing would have to be written. */
bool pg_environment_has_kerberos(void);

#endif

/* Error texts → struct pgcensus_failure; codes are classed in sqlstate.h. */
#ifndef PG_FAILURE_H
#define PG_FAILURE_H

#include "base/secrets.h"
#include "pg/told.h"

#include <pgcensus/status.h>
#include <stdarg.h>

/* The errno whose words stand in the text, 0 if none. */
int pg_text_errno(const char *text);
/* What libpq itself said, without an SQLSTATE: its English words and the C library's
 * words for an errno (in whatever language both speak).  phase decides the rest. */
enum pgcensus_class pg_text_class(const char *text, enum pgcensus_phase phase);

/* What every text of a server goes through: secrets are replaced, lines joined, the
 * rest made safe.  A buf that is broken afterwards may still hold a secret. */
void pg_make_safe(struct buf *text, const struct secrets *secrets);
/* Fills everything; the text passes the redactor (may be NULL) and is made safe and
 * one line.  retryable follows from class and sqlstate. */
void pg_failure_set(struct pgcensus_failure *ret_failure,
                    enum pgcensus_class error_class, enum pgcensus_phase phase,
                    const char *sqlstate, const struct secrets *secrets,
                    const char *format, ...) __attribute__((format(printf, 6, 7)));
void pg_failure_vset(struct pgcensus_failure *ret_failure,
                     enum pgcensus_class error_class, enum pgcensus_phase phase,
                     const char *sqlstate, const struct secrets *secrets,
                     const char *format, va_list args)
    __attribute__((format(printf, 6, 0)));

/* The same for what a server told: message, detail, hint and position. */
void pg_failure_tell(struct pgcensus_failure *ret_failure,
                     enum pgcensus_class error_class, enum pgcensus_phase phase,
                     const struct secrets *secrets, const struct pg_told *told);
/* Another message, safe already; what was the message becomes the detail. */
void pg_failure_reword(struct pgcensus_failure *failure, const char *message);
/* Words behind the message, which is cut for them if it has to be. */
void pg_failure_append(struct pgcensus_failure *failure, const char *words);

#endif

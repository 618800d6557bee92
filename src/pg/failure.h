/* Error texts → struct pgcensus_failure; codes are classed in sqlstate.h. */
#ifndef PG_FAILURE_H
#define PG_FAILURE_H

#include "base/secrets.h"
#include "pg/told.h"

#include <pgcensus/status.h>
#include <stdarg.h>

/* The errno with its words in the text, 0 if none. */
int pg_text_errno(const char *text);
/* The class of a text of libpq's own, without an SQLSTATE: by libpq's English
 * words, by the C library's words for an errno (in any language), else by the
 * phase. */
enum pgcensus_class pg_text_class(const char *text, enum pgcensus_phase phase);

/* Makes a server's text safe: replaces secrets, joins lines, escapes the rest.
 * A buf that is broken afterwards may still hold a secret. */
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

/* As pg_failure_set(), from a server's message, detail, hint and position. */
void pg_failure_tell(struct pgcensus_failure *ret_failure,
                     enum pgcensus_class error_class, enum pgcensus_phase phase,
                     const struct secrets *secrets, const struct pg_told *told);
/* Sets another message, which is safe already; the old one becomes the detail. */
void pg_failure_reword(struct pgcensus_failure *failure, const char *message);
/* Appends words to the message, which is cut to make room for them if necessary. */
void pg_failure_append(struct pgcensus_failure *failure, const char *words);

#endif

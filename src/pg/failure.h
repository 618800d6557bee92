/* Error texts, SQLSTATEs and errnos → struct pgcensus_failure. */
#ifndef PG_FAILURE_H
#define PG_FAILURE_H

#include "base/secrets.h"

#include <pgcensus/status.h>
#include <stdarg.h>

/* The policy table of SQLSTATEs; during_startup: before the first ReadyForQuery,
 * where 42704 means our configuration and not the user's statement. */
enum pgcensus_class pg_sqlstate_class(const char *sqlstate, bool during_startup);
bool pg_sqlstate_retryable(const char *sqlstate);
/* REFUSED, UNREACHABLE, TIMEOUT, LOST, LOCAL … */
enum pgcensus_class pg_errno_class(int error);
bool pg_class_retryable(enum pgcensus_class error_class);

/* Fills everything; the text passes the redactor (may be NULL) and is made safe and
 * one line.  retryable follows from class and sqlstate. */
void pg_failure_set(struct pgcensus_failure *ret_failure,
                    enum pgcensus_class error_class, enum pgcensus_phase phase,
                    const char *sqlstate, const struct secrets *secrets,
                    const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Splits libpq's verbose text of a failed login: "… failed: FATAL:  28P01: password
 * …\nLOCATION: …" → sqlstate and "FATAL: password …".  False: no SQLSTATE in it; then
 * the message is the text without libpq's "connection to server at … failed: ". */
bool pg_failure_parse(const char *text, char ret_sqlstate[6], char *ret_message,
                      size_t size);

#endif

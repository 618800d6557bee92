/* SQLSTATEs and errnos → error classes. */
#ifndef PG_SQLSTATE_H
#define PG_SQLSTATE_H

#include <pgcensus/status.h>

/* The policy table of SQLSTATEs; during_startup: before the first ReadyForQuery,
 * where 42704 means our configuration and not the user's statement. */
enum pgcensus_class pg_sqlstate_class(const char *sqlstate, bool during_startup);
/* 08P01 at login, refined: pgbouncer sends it for every refusal, so that only
 * its message (never translated) tells "full" from "no such database". */
enum pgcensus_class pg_pooler_class(const char *message);
bool pg_sqlstate_retryable(const char *sqlstate);
/* REFUSED, UNREACHABLE, TIMEOUT, LOST, LOCAL … */
enum pgcensus_class pg_errno_class(int error);
bool pg_class_retryable(enum pgcensus_class error_class);
/* "connection refused", "no route to host": our words, or the C library's. */
const char *pg_errno_text(int error);

#endif

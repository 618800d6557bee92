/* SQLSTATEs and errnos → error classes. */
#ifndef PG_SQLSTATE_H
#define PG_SQLSTATE_H

#include <pgcensus/status.h>

/* The policy table of SQLSTATEs; during_startup: before the first ReadyForQuery,
 * where 42704 means our configuration and not the user's statement. */
enum pgcensus_class pg_sqlstate_class(const char *sqlstate, bool during_startup);
/* 08P01 at login, refined: pgbouncer says everything with it, so that only its words
 * (never translated) tell "full" from "no such database". */
enum pgcensus_class pg_pooler_class(const char *message);
bool pg_sqlstate_retryable(const char *sqlstate);
/* REFUSED, UNREACHABLE, TIMEOUT, LOST, LOCAL … */
enum pgcensus_class pg_errno_class(int error);
bool pg_class_retryable(enum pgcensus_class error_class);
/* "connection refused", "no route to host": ours where the C library's is stiff. */
const char *pg_errno_text(int error);

#endif

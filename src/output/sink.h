/* Where finished bytes go: stdout, or a file that replaces its predecessor in one
 * rename.  Remembers the first error; a full disk is never a success. */
#ifndef OUTPUT_SINK_H
#define OUTPUT_SINK_H

#include "base/auto.h"

#include <pgcensus/status.h>

struct sink;

/* path NULL or "-": stdout.  Otherwise a file that takes its place with commit
 * (base/replacement.h); what is no regular file (a pipe, /dev/null), or where our own
 * stdout or stderr goes, is written in place.  path must stay.  SIGPIPE must be ignored
 * by the process. */
struct sink *sink_open(const char *path, struct pgcensus_error *ret_error);
/* Both return false after the first error and never wait: what a slow reader does not
 * take is kept.  Write collects, flush hands over what can be handed over now. */
bool sink_write(struct sink *sink, const void *bytes, size_t n);
bool sink_flush(struct sink *sink);
/* How much has not been taken yet, and by whom. */
size_t sink_waiting(const struct sink *sink);
int sink_fd(const struct sink *sink);
/* Writes what is left, however long the reader takes, syncs and renames; false with
 * the first error: TROUBLE_OUTPUT, or READER if nobody reads any more. */
bool sink_commit(struct sink *sink, struct pgcensus_error *ret_error);
/* Without commit the old file stays. */
void sink_free(struct sink *sink);
AUTO_DEFINE(struct sink *, sink_free)

#endif

/* A file that appears whole or not at all, in the place of one that was there or of
 * none, and of which nothing is left if the process ends before.
 *
 * It is written without a name (O_TMPFILE) and gets one beside its place only to be
 * renamed at once.  Where the file system has no nameless files it has that name from
 * the beginning; what a killed process leaves is then removed by the next one that
 * replaces the same file. */
#ifndef BASE_REPLACEMENT_H
#define BASE_REPLACEMENT_H

#include "base/auto.h"

#include <pgcensus/status.h>
#include <stdbool.h>

struct replacement {
    int fd;     /* what is written; -1: none */
    char *path; /* its place, without symbolic links */
    char *name; /* beside it; NULL: it has none */
};

#define REPLACEMENT_INIT ((struct replacement){.fd = -1})

/* A symbolic link stays one: what it points to is replaced, or made.  Owner, group and
 * mode become those of the file that is there, as far as we may give it away; else mode
 * 0644 less umask.  False with TROUBLE_OUTPUT or no memory. */
bool replacement_open(struct replacement *replacement, const char *path,
                      struct pgcensus_error *ret_error);
/* Syncs and puts it into its place. */
bool replacement_commit(struct replacement *replacement,
                        struct pgcensus_error *ret_error);
/* Without commit the old file stays. */
void replacement_fini(struct replacement *replacement);
AUTO_DEFINE_VALUE(struct replacement, replacement_fini)

#endif

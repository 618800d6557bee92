/* Writes a file that appears whole or not at all, replaces an old one if there
 * is one, and leaves nothing behind if the process ends before.
 *
 * It is written without a name (O_TMPFILE) and gets one beside its place only
 * to be renamed at once.  On a file system without nameless files it has that
 * name from the beginning; the file of a killed process is then removed by the
 * next process that replaces the same file. */
#ifndef BASE_REPLACEMENT_H
#define BASE_REPLACEMENT_H

#include "base/auto.h"

#include <pgcensus/status.h>
#include <stdbool.h>

struct replacement {
    int fd;     /* the new file; -1: none */
    char *path; /* of the file to replace, without symbolic links */
    char *name; /* of the new file, beside it; NULL: it has none */
};

#define REPLACEMENT_INIT ((struct replacement){.fd = -1})

/* A symbolic link stays one: its target is replaced, or made.  Owner, group and
 * mode are taken from the old file, as far as we may set them; without an old
 * file the mode is 0644 less umask.  False with TROUBLE_OUTPUT or no memory. */
bool replacement_open(struct replacement *replacement, const char *path,
                      struct pgcensus_error *ret_error);
/* Syncs and puts it into its place. */
bool replacement_commit(struct replacement *replacement,
                        struct pgcensus_error *ret_error);
/* Without commit the old file stays. */
void replacement_fini(struct replacement *replacement);
AUTO_DEFINE_VALUE(struct replacement, replacement_fini)

#endif

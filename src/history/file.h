/* The file that runs share: locked, read, replaced. */
#ifndef HISTORY_FILE_H
#define HISTORY_FILE_H

#include "base/buf.h"

#include <pgcensus/status.h>

struct history_file {
    int fd;     /* holds the lock; -1: there is none */
    char *path; /* without symbolic links */
};

#define HISTORY_FILE_INIT ((struct history_file){.fd = -1})

/* Creates it if it is missing, and waits for its lock at most until max_wait has passed
 * or stop_fd (-1: none) is readable. */
bool history_file_open(struct history_file *file, const char *path, nsec max_wait,
                       int stop_fd, struct pgcensus_error *ret_error);
bool history_file_read(const struct history_file *file, struct buf *ret_text,
                       struct pgcensus_error *ret_error);
/* Whole or not at all; the lock stays with the old one, and whoever waits for that
 * notices. */
bool history_file_replace(const struct history_file *file, const struct buf *text,
                          struct pgcensus_error *ret_error);
void history_file_close(struct history_file *file);

#endif

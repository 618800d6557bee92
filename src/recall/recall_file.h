/* The file that runs share: locked, read, replaced. */
#ifndef RECALL_RECALL_FILE_H
#define RECALL_RECALL_FILE_H

#include "base/buf.h"

#include <pgcensus/status.h>

struct recall_file {
    int fd;       /* holds the lock; -1: there is none */
    char *path;   /* without symbolic links */
    bool by_link; /* the name is a link to what was there before us */
};

#define RECALL_FILE_INIT ((struct recall_file){.fd = -1})

/* Creates it if it is missing, and waits for its lock at most until max_wait has passed
 * or stop_fd (-1: none) is readable. */
bool recall_file_open(struct recall_file *file, const char *path, nsec max_wait,
                      int stop_fd, struct pgcensus_error *ret_error);
bool recall_file_read(const struct recall_file *file, struct buf *ret_text,
                      struct pgcensus_error *ret_error);
/* Whole or not at all; the lock stays with the old one, and whoever waits for that
 * notices. */
bool recall_file_replace(const struct recall_file *file, const struct buf *text,
                         struct pgcensus_error *ret_error);
void recall_file_close(struct recall_file *file);

#endif

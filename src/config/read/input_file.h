/* Small files read whole and carefully: never a FIFO, a device or a directory, never
 * more than was agreed on, wiped when they are let go. */
#ifndef CONFIG_READ_INPUT_FILE_H
#define CONFIG_READ_INPUT_FILE_H

#include "base/auto.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

struct input_file {
    char *bytes; /* NUL-terminated behind n; may hold NULs */
    size_t n;
    mode_t mode; /* of the file that was read, which may have lost its name since */
};

enum { INPUT_FILE_REASON = 128 };

/* False: *ret_reason is why, in words that follow the name of the file: "is a
 * directory", "cannot be read: Permission denied". */
bool input_file_read(const char *path, size_t max, struct input_file *ret_file,
                     char ret_reason[INPUT_FILE_REASON]);
/* Whether no file has that name; one that cannot be read is not missing. */
bool input_file_missing(const char *path);
void input_file_fini(struct input_file *file);
AUTO_DEFINE_VALUE(struct input_file, input_file_fini)

/* Others than the owner may read it. */
static inline bool input_file_is_open_to_others(const struct input_file *file)
{
    return (file->mode & (S_IRGRP | S_IROTH)) != 0;
}

/* The text without a byte order mark, which editors of other systems put in front. */
static inline char *input_file_text(const struct input_file *file)
{
    bool marked = file->n >= 3 && memcmp(file->bytes, "\xef\xbb\xbf", 3) == 0;
    return file->bytes + (marked ? 3 : 0);
}

/* The first line without its end, as a string that the caller wipes; NULL: no memory.
 * A NUL ends it too. */
char *input_file_first_line(const struct input_file *file);

#endif

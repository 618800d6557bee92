/* The text of a configuration: where its lines are, and which of them may be shown. */
#ifndef CONFIG_READ_SOURCE_H
#define CONFIG_READ_SOURCE_H

#include "config/read/input_file.h"

/* 100,000 nodes of 160 bytes each. */
#define SOURCE_MAX ((size_t)16 << 20)

struct line_range {
    unsigned first, last;
};

struct source {
    const char *name; /* for messages; the path */
    struct input_file file;
    struct line_range *hidden; /* lines with pieces of a secret: never quoted */
    size_t n_hidden, cap_hidden;
};

void source_fini(struct source *source);
AUTO_DEFINE_VALUE(struct source, source_fini)

/* A position in the text; lines count from 1, columns from 1 in characters. */
void source_position(const struct source *source, size_t offset, unsigned *ret_line,
                     unsigned *ret_column);

/* The offset of the first byte that is NUL or not UTF-8; false: the text is fine. */
bool source_find_bad_byte(const struct source *source, size_t *ret_offset);

/* Never quote these lines.  False: no memory; then nothing of the text is quoted. */
bool source_hide(struct source *source, unsigned first, unsigned last);

/* Goes through the text line by line, forwards only. */
struct line_cursor {
    size_t start, end; /* of the current line, without its break */
    size_t next;
    unsigned line; /* 0: before the first */
};
bool source_seek(const struct source *source, struct line_cursor *cursor,
                 unsigned line);

#endif

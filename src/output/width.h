/* How much room UTF-8 text takes on a terminal, and where its lines break. */
#ifndef OUTPUT_WIDTH_H
#define OUTPUT_WIDTH_H

#include <stddef.h>

/* Display columns: wide characters 2, combining marks and colours 0.  Without utf8proc
 * every character counts 1. */
size_t text_width(const char *text, size_t n);

/* Bytes of the longest beginning that is at most that many columns wide. */
size_t text_fit(const char *text, size_t n, size_t columns);

/* Where the first line of at most that many columns (0: no limit) ends; *ret_next is
 * where the next one starts, n if there is none.  Breaks at blanks if it can, else at
 * commas and the like; takes at least one character whatever the room. */
size_t text_break(const char *text, size_t n, size_t columns, size_t *ret_next);

#endif

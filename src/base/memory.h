/* Allocation that is checked by its callers, and strings. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include "base/auto.h"

#include <stdbool.h>
#include <stddef.h>

/* Zeroed; NULL on overflow or shortage.  n = 0 still gives a pointer to free. */
void *memory_array(size_t n, size_t size);
#define memory_new(type) ((type *)memory_array(1, sizeof(type)))
/* Grows *array so that index n fits; doubles.  False: nothing changed.  New room is
 * zeroed. */
bool memory_grow(void *array_ptr, size_t *cap, size_t n, size_t size);
/* For a large block that is about to be filled from end to end: the system then
 * maps its pages at once, because one page fault each can cost more than the
 * work itself.  A hint: only errno may change. */
void memory_will_fill(void *block, size_t size);
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Overwritten, then freed; NULL is fine. */
void memory_wipe_str(char *secret);

#endif

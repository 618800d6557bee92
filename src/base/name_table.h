/* Names → their place in a list.  A hash table, because each of ten thousand
 * names is looked up when it is added, to find duplicates. */
#ifndef BASE_NAME_TABLE_H
#define BASE_NAME_TABLE_H

#include "base/auto.h"

#include <stdbool.h>
#include <stddef.h>

struct name_entry {
    const char *text; /* NULL: free */
    size_t index;
};

/* Zeroed: empty. */
struct name_table {
    struct name_entry *entries; /* open addressing; the size is a power of two */
    size_t room, n;
};

void name_table_fini(struct name_table *table);
AUTO_DEFINE_VALUE(struct name_table, name_table_fini)

bool name_table_find(const struct name_table *table, const char *text,
                     size_t *ret_index);
/* Makes room for one more name.  False: no memory. */
bool name_table_reserve(struct name_table *table);
/* text must not be there yet, must outlive the table, and there must be room. */
void name_table_put(struct name_table *table, const char *text, size_t index);

/* The text must be there. */
void name_table_remove(struct name_table *table, const char *text);

#endif

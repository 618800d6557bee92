/* Names of nodes → their place in the fleet.  Ten thousand names are looked up while
 * they are added, so that a second one is noticed: that must not be a search. */
#ifndef FLEET_NAMES_H
#define FLEET_NAMES_H

#include "base/auto.h"

#include <stdbool.h>
#include <stddef.h>

struct name {
    const char *text; /* NULL: free */
    size_t index;
};

/* Zeroed: empty. */
struct names {
    struct name *table; /* open addressing; the size is a power of two */
    size_t room, n;
};

void names_fini(struct names *names);
AUTO_DEFINE_VALUE(struct names, names_fini)

bool names_find(const struct names *names, const char *text, size_t *ret_index);
/* Makes room for one more.  False: no memory. */
bool names_reserve(struct names *names);
/* text must not be there yet, must outlive the table, and there must be room. */
void names_put(struct names *names, const char *text, size_t index);

#endif

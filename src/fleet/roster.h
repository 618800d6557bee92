/* Which nodes a fleet has, by index.
 *
 * A round of checks and a query keep the roster with which they began: nodes that are
 * added, removed or renewed meanwhile change another one.  A roster that has several
 * users does not change; roster_own() copies it.  A node lives as long as a roster
 * holds it. */
#ifndef FLEET_ROSTER_H
#define FLEET_ROSTER_H

#include "fleet/node.h"

struct roster {
    unsigned users;
    size_t n, cap;       /* indexes, vacant ones too */
    struct node **nodes; /* never NULL: see node_is_vacant() */
};

struct roster *roster_new(void); /* with one user, its maker; NULL: no memory */
struct roster *roster_take(struct roster *roster); /* one user more */
void roster_drop(struct roster *roster);           /* one user less; NULL is fine */

/* Makes *roster one that nobody else uses.  False: no memory, nothing changed. */
bool roster_own(struct roster **roster);
/* Makes room for one node more in a roster of one user.  False: no memory. */
bool roster_reserve(struct roster *roster);
/* Puts the node at its index, which is vacant, or the first one behind the last; there
 * is room. */
void roster_put(struct roster *roster, struct node *node);
/* Puts `vacant`, which the roster never frees, in its place. */
void roster_remove(struct roster *roster, struct node *node, struct node *vacant);

#endif

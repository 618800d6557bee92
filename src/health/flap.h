/* Flapping: a node that changes too often among its last checks.  Pure.
 *
 * It begins at half of the possible changes and ends at a quarter, so that a
 * node at the edge is not reported again and again.  behaviour: state of a
 * node. */
#ifndef HEALTH_FLAP_H
#define HEALTH_FLAP_H

#include <stdbool.h>
#include <stdint.h>

enum {
    FLAP_WINDOW = 20, /* changes that are looked at; one check more than that */
    FLAP_BEGINS = FLAP_WINDOW / 2,
    FLAP_ENDS = FLAP_WINDOW / 4,
};

struct flap {
    uint32_t failed; /* bit i: the check i before the last one failed */
    unsigned n;      /* how many checks are known, at most FLAP_WINDOW + 1 */
    bool flapping;
};

/* Adds a check. */
void flap_note(struct flap *flap, bool failed);

/* How often the node changed among the known checks. */
unsigned flap_changes(const struct flap *flap);

#endif

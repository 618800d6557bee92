#include "health/flap.h"

enum { CHECKS = FLAP_WINDOW + 1 };

void flap_note(struct flap *flap, bool failed)
{
    flap->failed = (flap->failed << 1 | failed) & ((1u << CHECKS) - 1);
    if (flap->n < CHECKS)
        flap->n++;
    unsigned changes = flap_changes(flap);
    flap->flapping = changes >= FLAP_BEGINS || (flap->flapping && changes > FLAP_ENDS);
}

unsigned flap_changes(const struct flap *flap)
{
    unsigned changes = 0;
    for (unsigned i = 0; i + 1 < flap->n; i++)
        changes += (flap->failed >> i & 1) != (flap->failed >> (i + 1) & 1);
    return changes;
}

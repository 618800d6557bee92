#include "fleet/pardon.h"

void pardon_begin(struct pardon *pardon, const struct loop *loop)
{
    pardon->lost = loop_lost(loop);
}

/* Ours are by the clock of the loop, which stands still with us; those that have a
 * SQLSTATE are the server's. */
static bool gave_us_up(const struct pgcensus_failure *failure)
{
    return failure->error_class == PGCENSUS_CLASS_LOST ||
           (failure->error_class == PGCENSUS_CLASS_TIMEOUT && failure->sqlstate[0]);
}

bool pardon_take(struct pardon *pardon, const struct loop *loop,
                 const struct pgcensus_failure *failure)
{
    if (pardon->used || loop_lost(loop) <= pardon->lost || !gave_us_up(failure))
        return false;
    pardon->used = true;
    return true;
}

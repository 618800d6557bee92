#include "judge/standby.h"

bool standby_is_detached(const struct company *company, size_t place)
{
    const struct peer *standby = &company->peers[place];
    const struct run *run = company_run(company, place);
    return peer_is(standby, PGCENSUS_STANDBY) && peer_may_be_measured(standby) &&
           standby->result->facts->receiver == PGCENSUS_RECEIVER_NONE &&
           !standby->identity->expect_archive && run->cluster && run->n_primaries == 1;
}

void standby_judge(const struct company *company, size_t place,
                   struct reason_list *reasons)
{
    const struct run *run = company_run(company, place);
    if (!standby_is_detached(company, place))
        return;
    struct pgcensus_reason *reason =
        reason_add(reasons, &company->peers[place], PGCENSUS_WARN, "standby_detached");
    reason_say(reason, "no WAL receiver, although its primary %s answers",
               company->peers[run->primaries[0]].identity->name);
}

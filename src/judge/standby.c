#include "judge/standby.h"

#include "judge/reason.h"

bool standby_is_detached(const struct company *company, size_t place)
{
    const struct party *standby = &company->parties[place];
    const struct run *run = company_run(company, place);
    return party_is(standby, PGCENSUS_STANDBY) && party_may_be_measured(standby) &&
           standby->result->facts->receiver == PGCENSUS_RECEIVER_NONE &&
           !standby->identity->expect_archive && run->cluster && run->n_primaries == 1;
}

void standby_judge(const struct company *company, size_t place)
{
    const struct run *run = company_run(company, place);
    if (!standby_is_detached(company, place))
        return;
    struct pgcensus_reason *reason =
        reason_add(company->parties[place].result, PGCENSUS_WARN, "standby_detached");
    reason_say(reason, "no WAL receiver, although its primary %s answers",
               company->parties[run->primaries[0]].identity->name);
}

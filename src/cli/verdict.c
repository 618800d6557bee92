#include "cli/verdict.h"

static bool enough(const struct verdict_rule *rule, const struct check_summary *summary)
{
    unsigned asked = summary->nodes - summary->disabled;
    unsigned alive = summary->ok + summary->warn;
    if (rule->quorum == QUORUM_COUNT)
        return alive >= rule->count;
    /* 80 % of 5 nodes are 4 of them, also in binary fractions. */
    return alive >= rule->share * asked - 1e-9;
}

int verdict_exit(const struct verdict_rule *rule, const struct check_summary *summary)
{
    if (summary->nodes == summary->disabled)
        return EXIT_NOT_JUDGED;
    if (rule->quorum != QUORUM_NONE)
        return enough(rule, summary) ? EXIT_GOOD : EXIT_BAD;
    if (rule->fail_on == FAIL_ON_NEVER)
        return EXIT_GOOD;
    if (summary->down > 0)
        return EXIT_BAD;
    if (summary->warn > 0 && rule->fail_on == FAIL_ON_WARN)
        return EXIT_WARNED;
    return summary->unknown > 0 ? EXIT_NOT_JUDGED : EXIT_GOOD;
}

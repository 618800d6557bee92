#include "cli/exit_status.h"

static bool enough(const struct exit_rule *rule, unsigned alive, unsigned asked)
{
    if (rule->quorum == QUORUM_COUNT)
        return alive >= rule->count;
    /* 80 % of 5 nodes are 4 of them, also in binary fractions. */
    return alive >= rule->share * asked - 1e-9;
}

/* A node within its fall allowance counts neither as alive nor as missing: the quorum
 * is met without it, is not met with it, or depends on it, which is a warning. */
static int exit_by_quorum(const struct exit_rule *rule,
                          const struct check_summary *summary)
{
    unsigned asked = summary->nodes - summary->disabled;
    unsigned at_most = summary->ok + summary->warn;
    if (enough(rule, at_most - summary->held, asked))
        return EXIT_GOOD;
    return enough(rule, at_most, asked) ? EXIT_WARNED : EXIT_BAD;
}

/* A quorum is about nodes: however many of them are well, a broken group is broken. */
int exit_status_of_check(const struct exit_rule *rule,
                         const struct check_summary *summary,
                         enum pgcensus_status groups)
{
    if (summary->nodes == summary->disabled)
        return EXIT_NOT_JUDGED;
    if (rule->fail_on == FAIL_ON_NEVER)
        return EXIT_GOOD;
    if (groups == PGCENSUS_DOWN)
        return EXIT_BAD;
    if (rule->quorum != QUORUM_NONE)
        return exit_by_quorum(rule, summary);
    if (summary->down > 0)
        return EXIT_BAD;
    if ((summary->warn > 0 || groups == PGCENSUS_WARN) && rule->fail_on == FAIL_ON_WARN)
        return EXIT_WARNED;
    bool unknown = summary->unknown > 0 || summary->doubtful > 0;
    return unknown ? EXIT_NOT_JUDGED : EXIT_GOOD;
}

int exit_status_of_query(const struct exit_rule *rule,
                         const struct query_summary *summary, bool differ)
{
    unsigned wanted = summary->nodes - summary->disabled - summary->unneeded;
    bool some_failed = summary->failed > 0 || summary->partial > 0;
    if (summary->nodes == summary->disabled)
        return EXIT_NOT_JUDGED;
    if (rule->quorum != QUORUM_NONE)
        return enough(rule, summary->ok, wanted) ? EXIT_GOOD : EXIT_BAD;
    if (rule->fail_on == FAIL_ON_NEVER)
        return EXIT_GOOD;
    /* No node has answered: because of the nodes, or because of us? */
    if (summary->ok + summary->partial == 0)
        return summary->failed > summary->unjudged || summary->skipped > 0
                   ? EXIT_BAD
                   : EXIT_NOT_JUDGED;
    bool warned = some_failed || summary->truncated || differ;
    return warned && rule->fail_on == FAIL_ON_WARN ? EXIT_WARNED : EXIT_GOOD;
}

const char *query_status_word(const struct query_summary *summary)
{
    if (summary->ok + summary->partial == 0)
        return "failed";
    bool whole = summary->failed == 0 && summary->partial == 0 && !summary->truncated;
    return whole ? "ok" : "partial";
}

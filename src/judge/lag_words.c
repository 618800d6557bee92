#include <pgcensus/verdict.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "base/text.h"
#include "judge/lag.h"

const char *pgcensus_lag_reason_name(enum pgcensus_lag_reason reason)
{
    switch (reason) {
    case PGCENSUS_LAG_REASON_NONE:
        break;
    case PGCENSUS_LAG_POOLER:
        return "pooler";
    case PGCENSUS_LAG_NO_FACTS:
        return "no_facts";
    case PGCENSUS_LAG_HIDDEN:
        return "hidden";
    case PGCENSUS_LAG_SEVERAL_PRIMARIES:
        return "several_primaries";
    case PGCENSUS_LAG_OTHER_TIMELINE:
        return "other_timeline";
    case PGCENSUS_LAG_TIMELINE_UNKNOWN:
        return "timeline_unknown";
    case PGCENSUS_LAG_PRIMARY_HIDDEN:
        return "primary_hidden";
    case PGCENSUS_LAG_FOREIGN_CLUSTER:
        return "foreign_cluster";
    case PGCENSUS_LAG_MISSED_CHECK:
        return "missed_check";
    case PGCENSUS_LAG_NO_PRIMARY:
        return "no_primary";
    case PGCENSUS_LAG_AHEAD:
        return "ahead";
    case PGCENSUS_LAG_REFUSED:
        return "refused";
    case PGCENSUS_LAG_NOTHING_REPLAYED:
        return "nothing_replayed";
    case PGCENSUS_LAG_NO_COMMIT_REPLAYED:
        return "no_commit_replayed";
    case PGCENSUS_LAG_LOG_SHIPPING:
        return "log_shipping";
    }
    return NULL;
}

const struct pgcensus_missing *lag_refusal(const struct pgcensus_facts *standby)
{
    static const enum pgcensus_facts_part parts[] = {
        PGCENSUS_PART_REPLAYED, PGCENSUS_PART_COMMIT, PGCENSUS_PART_CLOCK};
    const struct pgcensus_missing *missing = NULL;
    for (size_t i = 0; !missing && i < ARRAY_SIZE(parts); i++)
        missing = pgcensus_facts_missing(standby, parts[i]);
    return missing;
}

/* Of the standby, in the words of its server. */
static const char *what_was_refused(const struct pgcensus_facts *standby)
{
    const struct pgcensus_missing *missing = standby ? lag_refusal(standby) : NULL;
    return missing ? missing->message : "its primary does not tell the time";
}

/* It may well be hours until there is one. */
static void add_delay(const struct pgcensus_facts *facts, struct buf *out)
{
    if (!facts || facts->apply_delay <= 0)
        return;
    buf_add_str(out, " (apply delay ");
    quantity_round_duration(facts->apply_delay, out);
    buf_add_char(out, ')');
}

static const char *words_of(enum pgcensus_lag_reason reason,
                            const struct pgcensus_node_result *result)
{
    switch (reason) {
    case PGCENSUS_LAG_REASON_NONE:
        break;
    case PGCENSUS_LAG_POOLER:
        return "behind a pooler, which may answer with any server";
    case PGCENSUS_LAG_NO_FACTS:
        return result->facts_reason;
    case PGCENSUS_LAG_HIDDEN:
        return "to which cluster it belongs is hidden from our role";
    case PGCENSUS_LAG_SEVERAL_PRIMARIES:
        return "its cluster has several primaries";
    case PGCENSUS_LAG_OTHER_TIMELINE:
        return "its primary is on another timeline";
    case PGCENSUS_LAG_TIMELINE_UNKNOWN:
        return "its timeline or its primary's may be later than a control "
               "file says";
    case PGCENSUS_LAG_PRIMARY_HIDDEN:
        return "the position or the cluster of a primary is hidden from us";
    case PGCENSUS_LAG_FOREIGN_CLUSTER:
        return "only primaries of other clusters answered";
    case PGCENSUS_LAG_MISSED_CHECK:
        return "its primary missed this check";
    case PGCENSUS_LAG_NO_PRIMARY:
        return "no primary of its cluster answered";
    case PGCENSUS_LAG_AHEAD:
        return "it has WAL that its primary does not have";
    case PGCENSUS_LAG_REFUSED:
        return what_was_refused(result->facts);
    case PGCENSUS_LAG_NOTHING_REPLAYED:
        return "nothing replayed yet";
    case PGCENSUS_LAG_NO_COMMIT_REPLAYED:
        return "no commit replayed since its start";
    case PGCENSUS_LAG_LOG_SHIPPING:
        return "its WAL comes as files, which do not tell how old they are";
    }
    return "";
}

void lag_explain(const struct pgcensus_lag *lag,
                 const struct pgcensus_node_result *result, char *to, size_t size)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    buf_add_str(&text, words_of(lag->why, result));
    if (lag->why == PGCENSUS_LAG_NO_COMMIT_REPLAYED)
        add_delay(result->facts, &text);
    text_copy(to, size, text.bytes);
}

void pgcensus_lag_explain(const struct pgcensus_node_result *result, char *to,
                          size_t size)
{
    lag_explain(&result->lag, result, to, size);
}

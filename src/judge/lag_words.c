#include <pgcensus/verdict.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "base/text.h"
#include "judge/lag.h"

#include <string.h>

/* A reason of struct pgcensus_lag is a word, a promise to programs. */
static const struct {
    const char *code, *words;
} reasons[] = {
    {"pooler", "behind a pooler, which may answer with any server"},
    {"hidden", "to which cluster it belongs is hidden from our role"},
    {"several_primaries", "its cluster has several primaries"},
    {"other_timeline", "its primary is on another timeline"},
    {"timeline_unknown", "its timeline or its primary's may be later than a control "
                         "file says"},
    {"primary_hidden", "the position or the cluster of a primary is hidden from us"},
    {"foreign_cluster", "only primaries of other clusters answered"},
    {"missed_check", "its primary missed this check"},
    {"no_primary", "no primary of its cluster answered"},
    {"ahead", "it has WAL that its primary does not have"},
    {"nothing_replayed", "nothing replayed yet"},
    {"no_commit_replayed", "no commit replayed since its start"},
    {"log_shipping", "its WAL comes as files, which do not tell how old they are"},
};

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

void lag_explain(const struct pgcensus_lag *lag,
                 const struct pgcensus_node_result *result, char *to, size_t size)
{
    const char *code = lag->reason, *words = "";
    if (code && strcmp(code, "no_facts") == 0)
        words = result->facts_reason;
    else if (code && strcmp(code, LAG_REFUSED) == 0)
        words = what_was_refused(result->facts);
    for (size_t i = 0; code && i < ARRAY_SIZE(reasons); i++)
        if (strcmp(reasons[i].code, code) == 0)
            words = reasons[i].words;
    AUTO(buf_fini) struct buf text = BUF_INIT;
    buf_add_str(&text, words);
    if (code && strcmp(code, "no_commit_replayed") == 0)
        add_delay(result->facts, &text);
    text_copy(to, size, text.bytes);
}

void pgcensus_lag_explain(const struct pgcensus_node_result *result, char *to,
                          size_t size)
{
    lag_explain(&result->lag, result, to, size);
}

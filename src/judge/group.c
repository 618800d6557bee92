/* How many there are, and what a group requires.
 *
 * Two primaries of one cluster are critical, whoever says what: each takes writes that
 * the other will never see.  The rest depends on what a group is.  One with rules
 * (require) is meant to be one cluster, and what breaks the rules is critical; without
 * them no primary may be meant so, and is a warning.
 *
 * The surprise: what a rule cannot know it does not judge.  Too few of something is
 * judged only if all of the group was selected, and if those that said nothing of
 * themselves could not make it enough; too many always. */
#include "base/memory.h"
#include "base/text.h"
#include "judge/judging.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- saying so ---- */

static struct pgcensus_reason *grow(struct judging *judging, const char *code)
{
    struct pgcensus_group_verdict *verdict = judging->verdict;
    if (!memory_grow(&judging->reasons, &judging->cap, verdict->n_reasons,
                     sizeof *judging->reasons)) {
        judging->no_memory = true;
        return NULL;
    }
    verdict->reasons = judging->reasons;
    struct pgcensus_reason *reason = &judging->reasons[verdict->n_reasons++];
    text_copy(reason->code, sizeof reason->code, code);
    return reason;
}

static void say(struct pgcensus_reason *reason, const char *format, va_list args)
{
    char message[sizeof reason->message * 2];
    if (!reason)
        return;
    vsnprintf(message, sizeof message, format, args);
    text_copy(reason->message, sizeof reason->message, message);
}

void judging_add(struct judging *judging, enum pgcensus_status status, const char *code,
                 const char *format, ...)
{
    va_list args;
    judging->verdict->status = pgcensus_status_worst(judging->verdict->status, status);
    va_start(args, format);
    say(grow(judging, code), format, args);
    va_end(args);
}

void judging_add_rule(struct judging *judging, const char *code, size_t value,
                      int limit, const char *format, ...)
{
    va_list args;
    struct pgcensus_reason *reason = grow(judging, code);
    judging->verdict->status =
        pgcensus_status_worst(judging->verdict->status, PGCENSUS_DOWN);
    va_start(args, format);
    say(reason, format, args);
    va_end(args);
    if (!reason)
        return;
    snprintf(reason->value, sizeof reason->value, "%zu", value);
    snprintf(reason->limit, sizeof reason->limit, "%d", limit);
}

/* ---- primaries ---- */

static void add_names(const struct judging *judging, const size_t *places, size_t n,
                      struct buf *out)
{
    AUTO(free) const char **names = memory_array(n, sizeof *names);
    for (size_t i = 0; names && i < n; i++)
        names[i] = judging->question->parties[places[i]].identity->name;
    if (names)
        text_add_folded(out, names, n);
}

/* A server that has two nodes counts once. */
static size_t count_servers(const struct judging *judging, const size_t *places,
                            size_t n)
{
    const struct party *parties = judging->question->parties;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        bool is_new = true;
        for (size_t j = 0; j < i; j++)
            is_new &= !party_is_same_server(&parties[places[i]], &parties[places[j]]);
        count += is_new;
    }
    return count;
}

/* Whether both take writes for the same data.  What their clusters are may be unknown;
 * then they are one where the group is meant to be one. */
static bool are_rivals(const struct judging *judging, const struct party *a,
                       const struct party *b)
{
    uint64_t one = party_cluster(a), other = party_cluster(b);
    if (party_is_same_server(a, b))
        return false;
    if (one && other)
        return one == other;
    return judging_has_rules(judging) || judging->n_standbys > 0;
}

/* Those that have a rival, by name. */
static void judge_rivals(struct judging *judging)
{
    AUTO(buf_fini) struct buf names = BUF_INIT;
    AUTO(free) size_t *rivals = memory_array(judging->n_primaries, sizeof *rivals);
    size_t n = 0;
    bool certain = true;
    if (!rivals) {
        judging->no_memory = true;
        return;
    }
    for (size_t i = 0; i < judging->n_primaries; i++) {
        bool has_rival = false;
        for (size_t j = 0; j < judging->n_primaries; j++)
            has_rival |= i != j && are_rivals(judging, judging_primary(judging, i),
                                              judging_primary(judging, j));
        if (!has_rival)
            continue;
        certain &= party_cluster(judging_primary(judging, i)) != 0;
        rivals[n++] = judging->primaries[i];
    }
    if (n == 0)
        return;
    add_names(judging, rivals, n, &names);
    /* Without a group it may be a copy that was restored for another purpose. */
    judging_add(judging, judging->question->group ? PGCENSUS_DOWN : PGCENSUS_WARN,
                "split_brain", "split brain: %zu primaries of one cluster%s: %s", n,
                certain ? "" : ", as far as we may see", names.bytes);
}

/* Nobody can say what this node is: it was not reached before the end, or we could not
 * ask. */
static bool is_unjudged(const struct pgcensus_node_result *result)
{
    return result->status == PGCENSUS_UNKNOWN && (result->failed || !result->attempted);
}

/* Whatever is missing, it can be it: unjudged, or not to be asked, or it missed a check
 * and may. */
static bool is_unseen(const struct pgcensus_node_result *result)
{
    return result->held || result->status == PGCENSUS_DISABLED || is_unjudged(result);
}

static size_t count_those(const struct group_question *question,
                          bool (*is)(const struct pgcensus_node_result *result))
{
    size_t n = 0;
    for (size_t i = 0; i < question->n; i++)
        n += is(question->parties[i].result);
    return n;
}

static void judge_primaries(struct judging *judging)
{
    int required = judging->question->require.primaries;
    size_t n = count_servers(judging, judging->primaries, judging->n_primaries);
    size_t at_most = n + count_those(judging->question, is_unseen);
    bool complete = judging->question->complete;
    judge_rivals(judging);
    if (required < 0) {
        if (at_most == 0 && judging->n_standbys > 0 && complete &&
            judging->question->group)
            judging_add(judging, PGCENSUS_WARN, "no_primary", "no primary");
    } else if (n > (size_t)required || (at_most < (size_t)required && complete)) {
        judging_add_rule(judging, n == 0 ? "no_primary" : "primaries", n, required,
                         "%zu primar%s, required: %d", n, n == 1 ? "y" : "ies",
                         required);
    }
}

/* ---- what else is required ---- */

static bool is_healthy(const struct pgcensus_node_result *result)
{
    enum pgcensus_status status = result->status;
    return (status == PGCENSUS_OK || status == PGCENSUS_WARN) && !result->held;
}

static void judge_rules(struct judging *judging)
{
    const struct group_question *question = judging->question;
    const struct pgcensus_require *require = &question->require;
    if (!question->complete)
        return;
    size_t unseen = count_those(question, is_unseen);
    size_t healthy = count_those(question, is_healthy);
    size_t standbys = count_servers(judging, judging->standbys, judging->n_standbys);
    if (require->standbys >= 0 && standbys + unseen < (size_t)require->standbys)
        judging_add_rule(judging, "standbys", standbys, require->standbys,
                         "%zu standby%s, required: %d", standbys,
                         standbys == 1 ? "" : "s", require->standbys);
    if (require->min_healthy >= 0 && healthy + unseen < (size_t)require->min_healthy)
        judging_add_rule(judging, "min_healthy", healthy, require->min_healthy,
                         "%zu healthy, required: %d", healthy, require->min_healthy);
}

/* ---- all of it ---- */

static bool sort(struct judging *judging)
{
    const struct group_question *question = judging->question;
    struct pgcensus_group_verdict *verdict = judging->verdict;
    size_t *primaries = memory_array(question->n, sizeof *primaries);
    size_t *standbys = memory_array(question->n, sizeof *standbys);
    judging->primaries = memory_array(question->n, sizeof *judging->primaries);
    judging->standbys = memory_array(question->n, sizeof *judging->standbys);
    verdict->primaries = primaries;
    verdict->standbys = standbys;
    if (!primaries || !standbys || !judging->primaries || !judging->standbys)
        return false;
    for (size_t i = 0; i < question->n; i++) {
        const struct party *party = &question->parties[i];
        if (party_is(party, PGCENSUS_PRIMARY)) {
            primaries[verdict->n_primaries++] = party->result->index;
            judging->primaries[judging->n_primaries++] = i;
        } else if (party_is(party, PGCENSUS_STANDBY)) {
            standbys[verdict->n_standbys++] = party->result->index;
            judging->standbys[judging->n_standbys++] = i;
        }
    }
    return true;
}

bool group_judge(const struct group_question *question,
                 struct pgcensus_group_verdict *ret_verdict)
{
    struct judging judging = {.question = question, .verdict = ret_verdict};
    *ret_verdict = (struct pgcensus_group_verdict){.status = PGCENSUS_OK};
    if (sort(&judging)) {
        if (count_those(question, is_unjudged) > 0)
            ret_verdict->status = PGCENSUS_UNKNOWN;
        ret_verdict->complete =
            question->complete && count_those(question, is_unseen) == 0;
        judge_primaries(&judging);
        judge_rules(&judging);
        judging_clusters(&judging);
    } else {
        judging.no_memory = true;
    }
    free(judging.primaries);
    free(judging.standbys);
    if (!judging.no_memory)
        return true;
    group_verdict_fini(ret_verdict);
    return false;
}

void group_verdict_fini(struct pgcensus_group_verdict *verdict)
{
    free((void *)verdict->primaries);
    free((void *)verdict->standbys);
    free((void *)verdict->reasons);
    *verdict = (struct pgcensus_group_verdict){.group = NULL};
}

/* What a group requires, and how its nodes are counted: by servers, however many names
 * each has.
 *
 * What a verdict is depends on what a group is.  One with rules (require) is meant to
 * be one cluster, or as many as it requires primaries, and what breaks the rules is
 * critical; without them no primary may be meant so, and is a warning.
 *
 * The surprise: what a rule cannot know it does not judge.  Too few of something is
 * judged only if all of the group was selected, and if those that said nothing of
 * themselves could not make it enough; too many always. */
#include "base/memory.h"
#include "base/text.h"
#include "judge/judging.h"
#include "judge/standby.h"

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

/* ---- counting ---- */

/* Nobody can say what this node is: it was not reached before the end, or we could not
 * ask. */
static bool is_unjudged(const struct peer *peer)
{
    return peer_status(peer) == PGCENSUS_UNKNOWN && !peer_answered(peer);
}

/* Whatever is missing, it can be it: unjudged, or not to be asked, or it missed a check
 * and may. */
static bool is_unseen(const struct judging *judging, size_t place)
{
    const struct peer *peer = &judging->company->peers[place];
    return peer_is_held(peer) || peer_status(peer) == PGCENSUS_DISABLED ||
           is_unjudged(peer);
}

static bool is_seen(const struct judging *judging, size_t place)
{
    return !is_unseen(judging, place);
}

/* Whether it breaks a critical limit is not known. */
static bool may_be_healthy(const struct judging *judging, size_t place)
{
    const struct peer *peer = &judging->company->peers[place];
    return peer_answered(peer) && peer_status(peer) == PGCENSUS_UNKNOWN;
}

static bool is_healthy(const struct judging *judging, size_t place)
{
    const struct peer *peer = &judging->company->peers[place];
    bool is_well =
        peer_status(peer) == PGCENSUS_OK || peer_status(peer) == PGCENSUS_WARN;
    return is_well && !peer_is_held(peer);
}

static bool is_primary(const struct judging *judging, size_t place)
{
    return peer_is(&judging->company->peers[place], PGCENSUS_PRIMARY);
}

static bool is_standby(const struct judging *judging, size_t place)
{
    return peer_is(&judging->company->peers[place], PGCENSUS_STANDBY);
}

/* One that gets no WAL while there is somebody to get it from stands by nothing. */
static bool is_standing_by(const struct judging *judging, size_t place)
{
    return is_standby(judging, place) && !standby_is_detached(judging->company, place);
}

static size_t mark(struct judging *judging,
                   bool (*is)(const struct judging *judging, size_t place))
{
    size_t n = 0;
    for (size_t i = 0; i < judging->company->n; i++) {
        bool *seen = &judging->seen[judging->company->servers[i]];
        if (*seen || !is(judging, i))
            continue;
        *seen = true;
        n++;
    }
    return n;
}

size_t judging_count(struct judging *judging,
                     bool (*is)(const struct judging *judging, size_t place))
{
    memset(judging->seen, 0, judging->company->n * sizeof *judging->seen);
    return mark(judging, is);
}

size_t judging_count_unseen(struct judging *judging)
{
    judging_count(judging, is_seen);
    return mark(judging, is_unseen);
}

static bool has_role(const struct judging *judging, size_t place)
{
    return is_primary(judging, place) || is_standby(judging, place);
}

/* The console of a pooler is no server. */
static bool is_roleless(const struct judging *judging, size_t place)
{
    const struct peer *peer = &judging->company->peers[place];
    return peer_answered(peer) && !has_role(judging, place) &&
           !is_unseen(judging, place) && !peer->identity->simple;
}

size_t judging_count_roleless(struct judging *judging)
{
    judging_count(judging, has_role);
    return mark(judging, is_roleless);
}

void judging_add_role_unknown(struct judging *judging, const char *what, size_t count,
                              int required)
{
    char words[96];
    AUTO(free) size_t *places = memory_array(judging->company->n, sizeof *places);
    size_t n = 0;
    judging->no_memory |= !places;
    for (size_t i = 0; places && i < judging->company->n; i++)
        if (is_roleless(judging, i))
            places[n++] = i;
    snprintf(words, sizeof words, "%zu %s known, required: %d; no role is told by ",
             count, what, required);
    if (places)
        judging_add_names(judging, PGCENSUS_UNKNOWN, "role_unknown", words, places, n);
}

static bool has_unjudged(const struct company *company)
{
    for (size_t i = 0; i < company->n; i++)
        if (is_unjudged(&company->peers[i]))
            return true;
    return false;
}

/* ---- rules ---- */

/* Those of which nothing is known may be standbys, and so may those without a role. */
static void judge_standbys(struct judging *judging, size_t unseen, size_t roleless,
                           int required)
{
    size_t all = judging->verdict->n_standbys;
    size_t n = judging_count(judging, is_standing_by);
    char without[64] = "";
    if (required < 0 || n + unseen >= (size_t)required)
        return;
    if (n + unseen + roleless >= (size_t)required) {
        judging_add_role_unknown(judging, "standbys", n, required);
        return;
    }
    if (n < all)
        snprintf(without, sizeof without, " (and %zu without a WAL receiver)", all - n);
    judging_add_rule(judging, "standbys", n, required, "%zu standby%s%s, required: %d",
                     n, n == 1 ? "" : "s", without, required);
}

static void judge_health(struct judging *judging, size_t unseen, int required)
{
    size_t healthy = judging_count(judging, is_healthy);
    size_t at_most = healthy + unseen + mark(judging, may_be_healthy);
    enum pgcensus_status *status = &judging->verdict->status;
    if (required < 0 || healthy + unseen >= (size_t)required)
        return;
    if (at_most >= (size_t)required)
        *status = pgcensus_status_worst(*status, PGCENSUS_UNKNOWN); /* as they say */
    else
        judging_add_rule(judging, "min_healthy", healthy, required,
                         "%zu healthy, required: %d", healthy, required);
}

static void judge_rules(struct judging *judging)
{
    const struct pgcensus_require *require = &judging->question->require;
    if (!judging->question->complete)
        return;
    size_t unseen = judging_count_unseen(judging);
    judge_standbys(judging, unseen, judging_count_roleless(judging), require->standbys);
    judge_health(judging, unseen, require->min_healthy);
}

/* ---- all of it ---- */

/* A node of each server that has that role.  NULL: no memory. */
static const size_t *list(struct judging *judging,
                          bool (*is)(const struct judging *judging, size_t place),
                          size_t *ret_n)
{
    const struct company *company = judging->company;
    size_t *indexes = memory_array(company->n, sizeof *indexes), n = 0;
    memset(judging->seen, 0, company->n * sizeof *judging->seen);
    for (size_t i = 0; indexes && i < company->n; i++) {
        bool *seen = &judging->seen[company->servers[i]];
        if (*seen || !is(judging, i))
            continue;
        *seen = true;
        indexes[n++] = company->peers[i].result->index;
    }
    *ret_n = n;
    return indexes;
}

static bool sort(struct judging *judging)
{
    struct pgcensus_group_verdict *verdict = judging->verdict;
    judging->seen = memory_array(judging->company->n, sizeof *judging->seen);
    if (!judging->seen)
        return false;
    verdict->primaries = list(judging, is_primary, &verdict->n_primaries);
    verdict->standbys = list(judging, is_standby, &verdict->n_standbys);
    return verdict->primaries && verdict->standbys;
}

bool group_judge(const struct group_question *question,
                 struct pgcensus_group_verdict *ret_verdict)
{
    struct judging judging = {
        .question = question, .company = question->company, .verdict = ret_verdict};
    *ret_verdict = (struct pgcensus_group_verdict){.status = PGCENSUS_OK};
    if (sort(&judging)) {
        if (has_unjudged(question->company))
            ret_verdict->status = PGCENSUS_UNKNOWN;
        ret_verdict->complete = question->complete &&
                                judging_count_unseen(&judging) == 0 &&
                                judging_count_roleless(&judging) == 0;
        judging_primaries(&judging);
        judge_rules(&judging);
        judging_clusters(&judging);
    } else {
        judging.no_memory = true;
    }
    free(judging.seen);
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

/* How many primaries there are, and how many there may be.
 *
 * Two primaries of one cluster are critical, whoever says what: each takes writes that
 * the other will never see.  But two nodes are two servers of one cluster only if both
 * say so: without an identity they may be one server under two names, or have nothing
 * to do with each other.  So there are at least so many primaries and at most so many,
 * and what lies between is not known; that is worth a word only where rules say how it
 * should be.
 *
 * The surprise: more than one required primary means as many clusters, because two of
 * one cluster are never right. */
#include "base/memory.h"
#include "judge/judging.h"
#include "judge/reason.h"

#include <stdio.h>
#include <string.h>

/* ---- names ---- */

void judging_add_names(struct judging *judging, enum pgcensus_status status,
                       const char *code, const char *words, const size_t *places,
                       size_t n)
{
    size_t room = sizeof judging->reasons->message - 1 - strlen(words);
    AUTO(buf_fini) struct buf text = BUF_INIT;
    AUTO(free) const char **names = memory_array(n, sizeof *names);
    for (size_t i = 0; names && i < n; i++)
        names[i] = judging->company->peers[places[i]].identity->name;
    if (names)
        reason_fit_names(names, n, room, &text);
    judging->no_memory |= !names || text.broken;
    judging_add(judging, status, code, "%s%s", words, text.broken ? "" : text.bytes);
}

/* ---- rivals ---- */

/* When that happened, by our clock; 0: unknown. */
static nsec by_our_clock(const struct pgcensus_facts *facts, nsec time)
{
    return time && facts->clock_known ? time - facts->clock_offset : 0;
}

/* When the first of them was asked, by our clock; 0: unknown. */
static nsec first_asked(const struct judging *judging, const struct run *run)
{
    nsec first = 0;
    for (size_t i = 0; i < run->n_primaries; i++) {
        const struct peer *peer = &judging->company->peers[run->primaries[i]];
        const struct pgcensus_facts *facts = peer->result->facts;
        nsec asked = facts ? by_our_clock(facts, facts->server_clock) : 0;
        if (asked && (!first || asked < first))
            first = asked;
    }
    return first;
}

/* It is known when it was started, and that was before the first of them was asked: one
 * that was started since may be that one, restarted. */
static bool is_dated(const struct judging *judging, size_t place, nsec first)
{
    const struct company *company = judging->company;
    const struct pgcensus_facts *facts = company->peers[place].result->facts;
    nsec started = facts ? by_our_clock(facts, facts->started_at) : 0;
    return company->dated[company->servers[place]] && !(first && started > first);
}

/* Those of a cluster that are surely different servers. */
static size_t count_dated(const struct judging *judging, const struct run *run)
{
    nsec first = first_asked(judging, run);
    size_t n = 0;
    for (size_t i = 0; i < run->n_primaries; i++)
        n += is_dated(judging, run->primaries[i], first);
    return n;
}

/* Without a group it may be a copy that was restored for another purpose. */
static void judge_rivals(struct judging *judging, const struct run *run)
{
    char words[64];
    AUTO(free) size_t *rivals = memory_array(run->n_primaries, sizeof *rivals);
    nsec first = first_asked(judging, run);
    size_t n = 0;
    judging->no_memory |= !rivals;
    for (size_t i = 0; rivals && i < run->n_primaries; i++)
        if (is_dated(judging, run->primaries[i], first))
            rivals[n++] = run->primaries[i];
    if (n < 2)
        return;
    snprintf(words, sizeof words, "split brain: %zu primaries of one cluster: ", n);
    judging_add_names(judging, judging->question->group ? PGCENSUS_DOWN : PGCENSUS_WARN,
                      "split_brain", words, rivals, n);
}

/* ---- how many ---- */

struct count {
    size_t least, most;
};

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Of unknown clusters all may be one server, and that may be another one. */
static struct count count_servers(const struct judging *judging)
{
    struct count count = {0, 0};
    const struct company *company = judging->company;
    for (size_t i = 0; i < company->n_runs; i++) {
        const struct run *run = &company->runs[i];
        if (run->cluster && run->n_primaries > 0)
            count.least += larger(count_dated(judging, run), 1);
        count.most += run->n_primaries;
    }
    count.least = larger(count.least, count.most > 0);
    return count;
}

static struct count count_clusters(const struct judging *judging)
{
    struct count count = {0, 0};
    const struct company *company = judging->company;
    for (size_t i = 0; i < company->n_runs; i++) {
        const struct run *run = &company->runs[i];
        if (run->n_primaries == 0)
            continue;
        count.least += run->cluster != 0;
        count.most += run->cluster ? 1 : run->n_primaries;
    }
    count.least = larger(count.least, count.most > 0);
    return count;
}

/* All of whom it is not known, together with those that they may be. */
static void tell_doubt(struct judging *judging)
{
    char words[96];
    AUTO(free) size_t *places = memory_array(judging->company->n, sizeof *places);
    size_t n = 0;
    judging->no_memory |= !places;
    for (size_t i = 0; places && i < judging->company->n_runs; i++) {
        const struct run *run = &judging->company->runs[i];
        for (size_t j = 0; j < run->n_primaries; j++)
            places[n++] = run->primaries[j];
    }
    snprintf(words, sizeof words,
             "%zu primaries, and it is hidden which of them are one server: ", n);
    if (places)
        judging_add_names(judging, PGCENSUS_UNKNOWN, "identity_unknown", words, places,
                          n);
}

static void break_rule(struct judging *judging, size_t n, int required)
{
    const char *code = n == 0 ? "no_primary" : "primaries";
    if (n < judging->verdict->n_primaries && required > 1)
        judging_add_rule(judging, code, n, required,
                         "primaries of %zu cluster%s, required: of %d", n,
                         n == 1 ? "" : "s", required);
    else
        judging_add_rule(judging, code, n, required, "%zu primar%s, required: %d", n,
                         n == 1 ? "y" : "ies", required);
}

static void judge_number(struct judging *judging, int required)
{
    bool complete = judging->question->complete;
    struct count count =
        required > 1 ? count_clusters(judging) : count_servers(judging);
    size_t unseen = count.most + judging_count_unseen(judging);
    size_t at_most = unseen + judging_count_roleless(judging);
    if (required >= 0 && count.least > (size_t)required)
        break_rule(judging, count.least, required);
    else if (required >= 0 && at_most < (size_t)required && complete)
        break_rule(judging, count.most, required);
    else if (required >= 0 && unseen < (size_t)required && complete)
        judging_add_role_unknown(judging, "primaries", count.most, required);
    else if (required < 0 && at_most == 0 && complete && judging->question->group &&
             judging->verdict->n_standbys > 0)
        judging_add(judging, PGCENSUS_WARN, "no_primary", "no primary");
    else if (count.least < count.most && judging_has_rules(judging))
        tell_doubt(judging);
}

void judging_primaries(struct judging *judging)
{
    for (size_t i = 0; i < judging->company->n_runs; i++)
        if (judging->company->runs[i].cluster)
            judge_rivals(judging, &judging->company->runs[i]);
    judge_number(judging, judging->question->require.primaries);
}

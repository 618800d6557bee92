/* WAL senders of a server that feed none of our nodes.
 *
 * A server lists its senders by the name and address of the client.  Standbys below it
 * are matched to them one to one, from what is certain to what remains: by a name that
 * is the node's, by its address, on the same machine, and at last by counting, since
 * each standby that says it follows has a sender somewhere.
 *
 * A slot tells for certain: both ends know which slot a receiver uses, and a
 * subscriber, which uses a logical one, is no standby.
 *
 * What cannot be told apart is counted and not named.  If three senders may be two
 * standbys, one of the three is external, and it is not known which. */
#include "judge/external_receivers.h"

#include "base/auto.h"
#include "base/memory.h"
#include "judge/upstream.h"

#include <stdlib.h>
#include <string.h>

struct match {
    const struct peer *upstream;
    const struct pgcensus_sender *senders;
    size_t n_senders;
    const struct peer *const *standbys;
    size_t n_standbys;
    bool *taken;      /* by sender: it is a standby of ours, or counted as one */
    bool *met;        /* by standby: it has its sender */
    bool *subscribes; /* by sender: it uses a logical slot */
};

/* Programs that stream and are no servers, as they call themselves. */
static bool is_tool(const struct pgcensus_sender *sender)
{
    static const char *const tools[] = {"pg_receivewal", "pg_basebackup",
                                        "pg_recvlogical"};
    for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
        if (strcmp(sender->application, tools[i]) == 0)
            return true;
    return false;
}

static bool is_alike(const struct pgcensus_sender *a, const struct pgcensus_sender *b)
{
    return strcmp(a->application, b->application) == 0 &&
           strcmp(a->address, b->address) == 0 && strcmp(a->state, b->state) == 0;
}

/* ---- one by one ---- */

static bool is_subscriber(const struct pgcensus_facts *upstream,
                          const struct pgcensus_sender *sender)
{
    for (int i = 0; *sender->slot && i < upstream->n_slots; i++)
        if (strcmp(upstream->slots[i].name, sender->slot) == 0)
            return strcmp(upstream->slots[i].type, "logical") == 0;
    return false;
}

/* A role that may see what a receiver does sees its slot, and that it has none. */
static bool may_be(const struct pgcensus_sender *sender, const struct peer *standby)
{
    const struct pgcensus_facts *facts = standby->result->facts;
    return !*facts->receiver_status || strcmp(sender->slot, facts->receiver_slot) == 0;
}

static bool has_slot(const struct pgcensus_sender *sender, const struct peer *standby)
{
    return *sender->slot &&
           strcmp(sender->slot, standby->result->facts->receiver_slot) == 0;
}

static bool has_name(const struct pgcensus_sender *sender, const struct peer *standby)
{
    return strcmp(sender->application, standby->identity->name) == 0;
}

static bool has_address(const struct pgcensus_sender *sender,
                        const struct peer *standby)
{
    return *sender->address && !is_tool(sender) &&
           strcmp(sender->address, standby->result->hostaddr) == 0;
}

/* What a standby calls itself that was not told another name. */
static bool has_address_and_default_name(const struct pgcensus_sender *sender,
                                         const struct peer *standby)
{
    return has_address(sender, standby) &&
           strcmp(sender->application, "walreceiver") == 0;
}

static void pair(struct match *match, bool (*fits)(const struct pgcensus_sender *sender,
                                                   const struct peer *standby))
{
    for (size_t i = 0; i < match->n_standbys; i++)
        for (size_t j = 0; j < match->n_senders && !match->met[i]; j++) {
            if (match->taken[j] || match->subscribes[j] ||
                !may_be(&match->senders[j], match->standbys[i]) ||
                !fits(&match->senders[j], match->standbys[i]))
                continue;
            match->taken[j] = match->met[i] = true;
        }
}

/* ---- by counting ---- */

static bool is_missing(const struct match *match, size_t i, bool local)
{
    return !match->met[i] &&
           (!local || upstream_shares_machine(match->upstream, match->standbys[i]));
}

/* Or there is nothing that it may be. */
static bool may_be_missing(const struct match *match, size_t j)
{
    bool is_any_missing = false;
    for (size_t i = 0; i < match->n_standbys; i++) {
        if (match->met[i])
            continue;
        if (may_be(&match->senders[j], match->standbys[i]))
            return true;
        is_any_missing = true;
    }
    return !is_any_missing;
}

static bool is_candidate(const struct match *match, size_t j, bool local)
{
    const struct pgcensus_sender *sender = &match->senders[j];
    return !match->taken[j] && !match->subscribes[j] && !is_tool(sender) &&
           (!local || !*sender->address || upstream_is_local(sender->address)) &&
           may_be_missing(match, j);
}

static size_t count_candidates(const struct match *match, bool local)
{
    size_t n = 0;
    for (size_t j = 0; j < match->n_senders; j++)
        n += is_candidate(match, j, local);
    return n;
}

static size_t count_missing(const struct match *match, bool local)
{
    size_t n = 0;
    for (size_t i = 0; i < match->n_standbys; i++)
        n += is_missing(match, i, local);
    return n;
}

static bool all_alike(const struct match *match, bool local)
{
    const struct pgcensus_sender *first = NULL;
    for (size_t j = 0; j < match->n_senders; j++) {
        if (!is_candidate(match, j, local))
            continue;
        if (first && !is_alike(first, &match->senders[j]))
            return false;
        first = &match->senders[j];
    }
    return true;
}

/* The first so many candidates are as many of the standbys that have no sender. */
static void take(struct match *match, size_t n, bool local)
{
    size_t met = n;
    for (size_t j = 0; j < match->n_senders && n > 0; j++)
        if (is_candidate(match, j, local)) {
            match->taken[j] = true;
            n--;
        }
    for (size_t i = 0; i < match->n_standbys && met > 0; i++)
        if (is_missing(match, i, local)) {
            match->met[i] = true;
            met--;
        }
}

/* False: there are too many to tell which. */
static bool count_off(struct match *match, bool local)
{
    size_t candidates = count_candidates(match, local);
    size_t missing = count_missing(match, local);
    if (candidates > missing && !all_alike(match, local))
        return missing == 0;
    take(match, candidates < missing ? candidates : missing, local);
    return true;
}

/* ---- what remains ---- */

/* All senders that may be ours are left unnamed. */
static int count_untold(struct match *match)
{
    size_t candidates = count_candidates(match, false);
    size_t missing = count_missing(match, false);
    for (size_t j = 0; j < match->n_senders; j++)
        match->taken[j] |= is_candidate(match, j, false);
    return (int)(candidates - missing);
}

static bool is_hidden(const struct pgcensus_facts *facts)
{
    for (int j = 0; j < facts->n_senders; j++)
        if (!*facts->senders[j].state)
            return true;
    return false;
}

static bool name_rest(const struct match *match, struct pgcensus_tree_node *node)
{
    const struct pgcensus_sender **rest = memory_array(match->n_senders, sizeof *rest);
    if (!rest)
        return false;
    for (size_t j = 0; j < match->n_senders; j++)
        if (!match->taken[j])
            rest[node->n_strangers++] = &match->senders[j];
    node->strangers = rest;
    return true;
}

bool external_receivers_find(const struct peer *upstream,
                             const struct peer *const *standbys, size_t n,
                             struct pgcensus_tree_node *node)
{
    const struct pgcensus_facts *facts = upstream->result->facts;
    size_t n_senders = facts->n_senders > 0 ? (size_t)facts->n_senders : 0;
    if (n_senders == 0) {
        node->n_hidden = facts->n_senders;
        return true;
    }
    if (is_hidden(facts)) {
        node->n_hidden = n_senders > n ? (int)(n_senders - n) : 0;
        return true;
    }
    AUTO(free) bool *taken = memory_array(n_senders, sizeof *taken);
    AUTO(free) bool *met = memory_array(n, sizeof *met);
    AUTO(free) bool *subscribes = memory_array(n_senders, sizeof *subscribes);
    if (!taken || !met || !subscribes)
        return false;
    for (size_t j = 0; j < n_senders; j++)
        subscribes[j] = is_subscriber(facts, &facts->senders[j]);
    struct match match = {upstream, facts->senders, n_senders, standbys,
                          n,        taken,          met,       subscribes};
    pair(&match, has_slot);
    pair(&match, has_name);
    pair(&match, has_address_and_default_name);
    pair(&match, has_address);
    count_off(&match, /* local= */ true);
    if (!count_off(&match, /* local= */ false))
        node->n_hidden = count_untold(&match);
    node->n_hidden += facts->senders_left_out;
    return name_rest(&match, node);
}

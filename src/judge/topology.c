/* From what standbys say to trees.
 *
 * Nodes are sorted by cluster; in each, edges are found one by one in inventory order
 * and accepted only if they close no circle, so what is accepted is a forest at any
 * moment and can be walked.  Then it is written down, each node in front of those that
 * follow it.
 *
 * Several nodes may be one server.  The first of them stands for it: standbys of the
 * server are below that node, and the others stand beside it.
 *
 * A standby may follow a node that is in no tree, because it is disabled, say.  Its
 * address is known all the same, and the node is named. */
#include "judge/topology.h"

#include "base/auto.h"
#include "base/error.h"
#include "base/memory.h"
#include "judge/external_receivers.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

enum { NONE = -1 };

/* A node while its tree is made; others are named by their places in the cluster. */
struct tree_entry {
    const struct peer *peer;
    ptrdiff_t original; /* the first node of its server; NONE: this one */
    ptrdiff_t upstream, first, next;
    enum pgcensus_root_reason why;
    const struct pgcensus_node_result *unplaced; /* the node that it follows */
    struct pgcensus_tree_node *node;
};

/* All of them; those that are in no tree come first. */
struct forest {
    struct peer *peers;
    size_t n, n_unplaced;
    struct addresses addresses;
    struct pgcensus_topology *topology;
};

struct tree_builder {
    const struct company *company; /* of the cluster */
    const struct forest *forest;
    struct tree_entry *entries;
    ptrdiff_t n;
    ptrdiff_t root;               /* the first */
    const struct peer **standbys; /* room for those of one node */
};

AUTO_DEFINE(struct pgcensus_topology *, pgcensus_topology_free)

/* ---- words ---- */

const char *pgcensus_root_reason_name(enum pgcensus_root_reason reason)
{
    switch (reason) {
    case PGCENSUS_ROOT_REASON_NONE:
        break;
    case PGCENSUS_ROOT_NO_RECEIVER:
        return "no_receiver";
    case PGCENSUS_ROOT_HIDDEN:
        return "hidden";
    case PGCENSUS_ROOT_NOT_TOLD:
        return "not_told";
    case PGCENSUS_ROOT_NOT_ASKED:
        return "not_asked";
    case PGCENSUS_ROOT_DISABLED:
        return "disabled";
    case PGCENSUS_ROOT_NOT_ANSWERED:
        return "not_answered";
    case PGCENSUS_ROOT_UNPLACED:
        return "unplaced";
    case PGCENSUS_ROOT_AMBIGUOUS:
        return "ambiguous";
    case PGCENSUS_ROOT_CIRCLE:
        return "circle";
    }
    return NULL;
}

const char *pgcensus_unplaced_reason_name(enum pgcensus_unplaced_reason reason)
{
    switch (reason) {
    case PGCENSUS_UNPLACED_REASON_NONE:
        break;
    case PGCENSUS_UNPLACED_DISABLED:
        return "disabled";
    case PGCENSUS_UNPLACED_NOT_ANSWERED:
        return "not_answered";
    case PGCENSUS_UNPLACED_POOLER:
        return "pooler";
    case PGCENSUS_UNPLACED_NO_FACTS:
        return "no_facts";
    case PGCENSUS_UNPLACED_NO_IDENTIFIER:
        return "no_identifier";
    }
    return NULL;
}

/* ---- one server under several names ---- */

static void find_originals(struct tree_builder *builder)
{
    for (ptrdiff_t i = 0; i < builder->n; i++)
        if (builder->company->servers[i] != (size_t)i)
            builder->entries[i].original = (ptrdiff_t)builder->company->servers[i];
}

static ptrdiff_t server_of(const struct tree_builder *builder, ptrdiff_t i)
{
    ptrdiff_t original = builder->entries[i].original;
    return original == NONE ? i : original;
}

/* ---- whom a standby follows ---- */

static enum pgcensus_root_reason why_untold(const struct pgcensus_facts *facts)
{
    switch (facts->receiver) {
    case PGCENSUS_RECEIVER_NONE:
        return PGCENSUS_ROOT_NO_RECEIVER;
    case PGCENSUS_RECEIVER_RUNNING:
        return PGCENSUS_ROOT_HIDDEN;
    case PGCENSUS_RECEIVER_UNKNOWN:
    case PGCENSUS_RECEIVER_STREAMING:
    case PGCENSUS_RECEIVER_OTHER:
        break;
    }
    return PGCENSUS_ROOT_NOT_TOLD;
}

/* Edges that were accepted before; they have no circle, so this ends. */
static bool is_below(const struct tree_builder *builder, ptrdiff_t i, ptrdiff_t top)
{
    while (i != NONE && i != top)
        i = builder->entries[i].upstream;
    return i == top;
}

/* A node that is in no tree and has that address. */
static void find_unplaced(const struct forest *forest, struct tree_entry *entry)
{
    struct address_search search = addresses_search(&forest->addresses, entry->peer);
    entry->why = PGCENSUS_ROOT_NOT_ASKED;
    for (size_t place; address_search_next(&search, &place);) {
        if (place >= forest->n_unplaced)
            continue;
        entry->unplaced = forest->peers[place].result;
        entry->why =
            entry->unplaced->status == PGCENSUS_DISABLED ? PGCENSUS_ROOT_DISABLED
            : peer_answered(&forest->peers[place])       ? PGCENSUS_ROOT_UNPLACED
                                                         : PGCENSUS_ROOT_NOT_ANSWERED;
        return;
    }
}

/* No server follows itself; behind its own address is a tunnel, say. */
static ptrdiff_t find_upstream(const struct tree_builder *builder, ptrdiff_t i)
{
    struct tree_entry *entry = &builder->entries[i];
    struct address_search search =
        addresses_search(&builder->company->addresses, entry->peer);
    ptrdiff_t found = NONE;
    if (!*entry->peer->result->facts->upstream_host) {
        entry->why = why_untold(entry->peer->result->facts);
        return NONE;
    }
    for (size_t place; address_search_next(&search, &place);) {
        ptrdiff_t server = server_of(builder, (ptrdiff_t)place);
        if (server == i || server == found)
            continue;
        if (found != NONE) {
            entry->why = PGCENSUS_ROOT_AMBIGUOUS;
            return NONE;
        }
        found = server;
    }
    if (found == NONE)
        find_unplaced(builder->forest, entry);
    return found;
}

static void find_edges(struct tree_builder *builder)
{
    for (ptrdiff_t i = 0; i < builder->n; i++) {
        struct tree_entry *entry = &builder->entries[i];
        if (entry->original != NONE || !peer_is(entry->peer, PGCENSUS_STANDBY))
            continue;
        ptrdiff_t upstream = find_upstream(builder, i);
        if (upstream != NONE && is_below(builder, upstream, i))
            entry->why = PGCENSUS_ROOT_CIRCLE;
        else
            entry->upstream = upstream;
    }
    for (ptrdiff_t i = 0; i < builder->n; i++) {
        struct tree_entry *entry = &builder->entries[i];
        if (entry->original == NONE)
            continue;
        entry->upstream = builder->entries[entry->original].upstream;
        entry->why = builder->entries[entry->original].why;
        entry->unplaced = builder->entries[entry->original].unplaced;
    }
}

/* From the last to the first, each in front of what is there: inventory order. */
static void list_followers(struct tree_builder *builder)
{
    for (ptrdiff_t i = builder->n - 1; i >= 0; i--) {
        struct tree_entry *entry = &builder->entries[i];
        ptrdiff_t *list = entry->upstream == NONE
                              ? &builder->root
                              : &builder->entries[entry->upstream].first;
        entry->next = *list;
        *list = i;
    }
}

/* ---- written down ---- */

/* Down if it can, else to the next, else to the next of whoever is above. */
static ptrdiff_t next_in_tree(const struct tree_builder *builder, ptrdiff_t i,
                              unsigned *depth)
{
    if (builder->entries[i].first != NONE) {
        ++*depth;
        return builder->entries[i].first;
    }
    while (i != NONE && builder->entries[i].next == NONE) {
        i = builder->entries[i].upstream;
        --*depth;
    }
    return i == NONE ? NONE : builder->entries[i].next;
}

static const struct pgcensus_tree_node *node_at(const struct tree_builder *builder,
                                                ptrdiff_t i)
{
    return i == NONE ? NULL : builder->entries[i].node;
}

static void write_down(struct tree_builder *builder, struct pgcensus_tree_node *nodes)
{
    unsigned depth = 0;
    struct pgcensus_tree_node *node = nodes;
    for (ptrdiff_t i = builder->root; i != NONE; i = next_in_tree(builder, i, &depth)) {
        builder->entries[i].node = node;
        node->depth = depth;
        node++;
    }
    assert(node == nodes + builder->n);
    for (ptrdiff_t i = 0; i < builder->n; i++) {
        const struct tree_entry *entry = &builder->entries[i];
        entry->node->result = entry->peer->result;
        entry->node->upstream = node_at(builder, entry->upstream);
        entry->node->first = node_at(builder, entry->first);
        entry->node->next = node_at(builder, entry->next);
        entry->node->same_server_as = node_at(builder, entry->original);
        entry->node->why_root = entry->why;
        entry->node->upstream_reason = pgcensus_root_reason_name(entry->why);
        entry->node->upstream_unplaced = entry->unplaced;
    }
}

/* Once for each server. */
static bool find_external_receivers(const struct tree_builder *builder)
{
    for (ptrdiff_t i = 0; i < builder->n; i++) {
        const struct tree_entry *entry = &builder->entries[i];
        size_t n = 0;
        if (entry->original != NONE)
            continue;
        for (ptrdiff_t j = entry->first; j != NONE; j = builder->entries[j].next)
            if (builder->entries[j].original == NONE)
                builder->standbys[n++] = builder->entries[j].peer;
        if (!external_receivers_find(entry->peer, builder->standbys, n, entry->node))
            return false;
    }
    return true;
}

static bool build_tree(const struct forest *forest, const struct peer *peers, size_t n,
                       struct pgcensus_cluster *cluster)
{
    AUTO(company_fini) struct company company = {.n = 0};
    AUTO(free) struct tree_entry *entries = memory_array(n, sizeof *entries);
    AUTO(free) const struct peer **standbys = memory_array(n, sizeof *standbys);
    struct pgcensus_tree_node *nodes = memory_array(n, sizeof *nodes);
    cluster->nodes = nodes;
    cluster->n = nodes ? n : 0;
    if (!entries || !standbys || !nodes || !company_init(&company, peers, n))
        return false;
    struct tree_builder builder = {&company,     forest, entries,
                                   (ptrdiff_t)n, NONE,   standbys};
    for (size_t i = 0; i < n; i++)
        entries[i] = (struct tree_entry){.peer = &peers[i],
                                         .original = NONE,
                                         .upstream = NONE,
                                         .first = NONE,
                                         .next = NONE};
    cluster->system_identifier = peer_cluster(&peers[0]);
    find_originals(&builder);
    find_edges(&builder);
    list_followers(&builder);
    write_down(&builder, nodes);
    return find_external_receivers(&builder);
}

/* ---- which trees there are ---- */

static enum pgcensus_unplaced_reason why_unplaced(const struct peer *peer)
{
    const struct pgcensus_node_result *result = peer->result;
    if (result->status == PGCENSUS_DISABLED)
        return PGCENSUS_UNPLACED_DISABLED;
    if (result->failed || !result->attempted)
        return PGCENSUS_UNPLACED_NOT_ANSWERED;
    if (peer->identity->via_pooler)
        return PGCENSUS_UNPLACED_POOLER;
    if (!result->facts)
        return PGCENSUS_UNPLACED_NO_FACTS;
    return peer_cluster(peer) ? PGCENSUS_UNPLACED_REASON_NONE
                              : PGCENSUS_UNPLACED_NO_IDENTIFIER;
}

/* Those without a tree first, then by cluster, then in inventory order. */
static int compare_peers(const void *a, const void *b)
{
    const struct peer *left = a, *right = b;
    uint64_t one = why_unplaced(left) ? 0 : peer_cluster(left);
    uint64_t other = why_unplaced(right) ? 0 : peer_cluster(right);
    size_t first = left->result->index, second = right->result->index;
    if (one != other)
        return one > other ? 1 : -1;
    return (first > second) - (first < second);
}

static size_t first_in_inventory(const struct pgcensus_cluster *cluster)
{
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < cluster->n; i++)
        if (cluster->nodes[i].result->index < first)
            first = cluster->nodes[i].result->index;
    return first;
}

static int compare_clusters(const void *a, const void *b)
{
    size_t one = first_in_inventory(a), other = first_in_inventory(b);
    return (one > other) - (one < other);
}

static void set_apart(struct forest *forest)
{
    struct pgcensus_topology *topology = forest->topology;
    enum pgcensus_unplaced_reason why;
    while (topology->n_unplaced < forest->n &&
           (why = why_unplaced(&forest->peers[topology->n_unplaced]))) {
        topology->unplaced[topology->n_unplaced] =
            (struct pgcensus_unplaced){forest->peers[topology->n_unplaced].result,
                                       pgcensus_unplaced_reason_name(why), why};
        topology->n_unplaced++;
    }
    forest->n_unplaced = topology->n_unplaced;
}

static bool build_trees(struct forest *forest)
{
    const struct peer *peers = forest->peers;
    struct pgcensus_topology *topology = forest->topology;
    for (size_t begin = forest->n_unplaced, end; begin < forest->n; begin = end) {
        end = begin + 1;
        while (end < forest->n &&
               peer_cluster(&peers[end]) == peer_cluster(&peers[begin]))
            end++;
        if (!build_tree(forest, &peers[begin], end - begin,
                        &topology->clusters[topology->n_clusters++]))
            return false;
    }
    qsort(topology->clusters, topology->n_clusters, sizeof *topology->clusters,
          compare_clusters);
    return true;
}

struct pgcensus_topology *topology_make(struct peer *peers, size_t n,
                                        struct pgcensus_error *ret_error)
{
    AUTO(pgcensus_topology_free)
    struct pgcensus_topology *topology = memory_new(struct pgcensus_topology);
    struct forest forest = {.peers = peers, .n = n, .topology = topology};
    bool is_built = false;
    if (topology) {
        topology->clusters = memory_array(n, sizeof *topology->clusters);
        topology->unplaced = memory_array(n, sizeof *topology->unplaced);
        qsort(peers, n, sizeof *peers, compare_peers);
    }
    if (topology && topology->clusters && topology->unplaced &&
        addresses_init(&forest.addresses, peers, n)) {
        set_apart(&forest);
        is_built = build_trees(&forest);
    }
    addresses_fini(&forest.addresses);
    if (is_built)
        return take_ptr(topology);
    error_memory(ret_error);
    return NULL;
}

struct pgcensus_topology *
pgcensus_topology_new(const struct pgcensus_fleet *fleet,
                      const struct pgcensus_node_result *const *results, size_t n,
                      struct pgcensus_error *ret_error)
{
    AUTO(free) struct peer *peers = memory_array(n, sizeof *peers);
    if (!peers) {
        error_memory(ret_error);
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        peers[i] = (struct peer){pgcensus_fleet_node(fleet, results[i]->index),
                                 results[i], NULL};
    return topology_make(peers, n, ret_error);
}

void pgcensus_topology_free(struct pgcensus_topology *topology)
{
    if (!topology)
        return;
    for (size_t i = 0; i < topology->n_clusters; i++) {
        const struct pgcensus_cluster *cluster = &topology->clusters[i];
        for (size_t j = 0; j < cluster->n; j++)
            free((void *)cluster->nodes[j].strangers);
        free((void *)cluster->nodes);
    }
    free(topology->clusters);
    free(topology->unplaced);
    free(topology);
}

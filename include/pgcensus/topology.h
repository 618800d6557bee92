/* Who follows whom: the trees of replication that a round has seen.
 *
 * Nodes of one system identifier are one cluster.  A node stands below another only if
 * it says that it follows that one's address; what nobody says is not guessed, and why
 * a standby is a root is told instead. */
#ifndef PGCENSUS_TOPOLOGY_H
#define PGCENSUS_TOPOLOGY_H

#include <pgcensus/fleet.h>

struct pgcensus_tree_node {
    const struct pgcensus_node_result *result; /* of the round, which must stay */

    const struct pgcensus_tree_node *upstream; /* whom it follows; NULL: a root */
    /* The first that follows it, and the next that follows the same upstream (of a
     * root: the next root), in inventory order; NULL: none. */
    const struct pgcensus_tree_node *first, *next;
    unsigned depth; /* 0: a root */

    /* Why a standby is a root, a word; NULL otherwise:
     *   "no_receiver"  it has no WAL receiver
     *   "hidden"       our role may not see whom it follows
     *   "not_told"     it does not say: not connected yet, or older than 11
     *   "not_asked"    no other node of its cluster that was asked has that address
     *   "disabled"     a disabled node has it
     *   "not_answered" a node has it that did not answer
     *   "unplaced"     a node has it that is in no tree for another reason
     *   "ambiguous"    several servers have it
     *   "circle"       whom it follows follows it */
    const char *upstream_reason;
    /* The node that has its upstream's address and is in no tree; NULL: none. */
    const struct pgcensus_node_result *upstream_unplaced;

    /* Another node, in front of it, that reaches the same server, and stands for it:
     * whoever follows the server is below that one.  NULL: none. */
    const struct pgcensus_tree_node *same_server_as;

    /* Who takes WAL from it and is no node that was asked. */
    const struct pgcensus_sender *const *strangers;
    size_t n_strangers;
    /* So many more take WAL, of whom is hidden, or cannot be told, who they are; -1:
     * senders were not asked for. */
    int n_hidden;
};

struct pgcensus_cluster {
    uint64_t system_identifier;
    const struct pgcensus_tree_node *nodes; /* each in front of those that follow it */
    size_t n;
};

/* A node that is in no tree, and why, a word:
 *   "disabled"       nobody asked
 *   "not_answered"   result->failure says why
 *   "pooler"         it answers with whichever server it likes
 *   "no_facts"       result->facts_reason says why
 *   "no_identifier"  it does not say to which cluster it belongs */
struct pgcensus_unplaced {
    const struct pgcensus_node_result *result;
    const char *reason;
};

struct pgcensus_topology {
    struct pgcensus_cluster *clusters; /* by their first node in inventory order */
    size_t n_clusters;
    struct pgcensus_unplaced *unplaced; /* in inventory order */
    size_t n_unplaced;
};

/* Each of the results is in it exactly once.  Takes facts of any level; without
 * PGCENSUS_FACTS_FULL there are no strangers.  NULL: no memory. */
struct pgcensus_topology *
pgcensus_topology_new(const struct pgcensus_fleet *fleet,
                      const struct pgcensus_node_result *const *results, size_t n,
                      struct pgcensus_error *ret_error);
void pgcensus_topology_free(struct pgcensus_topology *topology);

#endif

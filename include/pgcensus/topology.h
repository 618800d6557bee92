/* Who follows whom: the trees of replication that a round has seen.
 *
 * Nodes of one system identifier are one cluster.  A node stands below another only if
 * it says that it follows that one's address; what nobody says is not guessed, and why
 * a standby is a root is told instead. */
#ifndef PGCENSUS_TOPOLOGY_H
#define PGCENSUS_TOPOLOGY_H

#include <pgcensus/fleet.h>

/* Why a standby is a root. */
enum pgcensus_root_reason {
    PGCENSUS_ROOT_REASON_NONE,  /* it follows a node, or is no standby */
    PGCENSUS_ROOT_NO_RECEIVER,  /* it has no WAL receiver */
    PGCENSUS_ROOT_HIDDEN,       /* our role may not see whom it follows */
    PGCENSUS_ROOT_NOT_TOLD,     /* it is not connected yet, or older than 11 */
    PGCENSUS_ROOT_NOT_ASKED,    /* no node of its cluster that was asked is there */
    PGCENSUS_ROOT_DISABLED,     /* a disabled node has the address */
    PGCENSUS_ROOT_NOT_ANSWERED, /* a node has it that did not answer */
    PGCENSUS_ROOT_UNPLACED,  /* a node has it that is in no tree for another reason */
    PGCENSUS_ROOT_AMBIGUOUS, /* several servers have it */
    PGCENSUS_ROOT_CIRCLE,    /* the server that it follows follows it */
};

/* "no_receiver", "hidden" …: a promise to programs.  NULL for NONE. */
const char *pgcensus_root_reason_name(enum pgcensus_root_reason reason);

struct pgcensus_tree_node {
    const struct pgcensus_node_result *result; /* of the round, which must stay */

    const struct pgcensus_tree_node *upstream; /* whom it follows; NULL: a root */
    /* The first that follows it, and the next that follows the same upstream (of a
     * root: the next root), in inventory order; NULL: none. */
    const struct pgcensus_tree_node *first, *next;
    unsigned depth; /* 0: a root */

    const char *upstream_reason; /* the name of why_root; NULL for none */
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
    enum pgcensus_root_reason why_root;
};

struct pgcensus_cluster {
    uint64_t system_identifier;
    const struct pgcensus_tree_node *nodes; /* each in front of those that follow it */
    size_t n;
};

/* Why a node is in no tree. */
enum pgcensus_unplaced_reason {
    PGCENSUS_UNPLACED_REASON_NONE, /* it is in one */
    PGCENSUS_UNPLACED_DISABLED,
    PGCENSUS_UNPLACED_NOT_ANSWERED,  /* result->failure says why */
    PGCENSUS_UNPLACED_POOLER,        /* it answers with whichever server it likes */
    PGCENSUS_UNPLACED_NO_FACTS,      /* result->facts_reason says why */
    PGCENSUS_UNPLACED_NO_IDENTIFIER, /* it does not say to which cluster it belongs */
};

/* "disabled", "not_answered" …: a promise to programs.  NULL for NONE. */
const char *pgcensus_unplaced_reason_name(enum pgcensus_unplaced_reason reason);

struct pgcensus_unplaced {
    const struct pgcensus_node_result *result;
    const char *reason; /* the name of why */
    enum pgcensus_unplaced_reason why;
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

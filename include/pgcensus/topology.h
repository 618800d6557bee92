/* The trees of replication among the nodes of a round.
 *
 * Nodes of one system identifier are one cluster.  A node is below another only
 * if it reports that it follows that one's address.  Nothing is guessed: a
 * standby without such a report is a root, with the reason. */
#ifndef PGCENSUS_TOPOLOGY_H
#define PGCENSUS_TOPOLOGY_H

#include <pgcensus/fleet.h>

/* Why a standby is a root. */
enum pgcensus_root_reason {
    PGCENSUS_ROOT_REASON_NONE,  /* it follows a node, or is no standby */
    PGCENSUS_ROOT_NO_RECEIVER,  /* it has no WAL receiver */
    PGCENSUS_ROOT_HIDDEN,       /* our role may not see its upstream */
    PGCENSUS_ROOT_NOT_TOLD,     /* it is not connected yet, or older than 11 */
    PGCENSUS_ROOT_NOT_ASKED,    /* no asked node of its cluster has the address */
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

    const struct pgcensus_tree_node
        *upstream; /* the node that it follows; NULL: a root */
    /* The first node that follows it, and the next node with the same upstream
     * (of a root: the next root), in inventory order; NULL: none. */
    const struct pgcensus_tree_node *first, *next;
    unsigned depth; /* 0: a root */

    const char *upstream_reason; /* the name of why_root; NULL for none */
    /* The node that has its upstream's address and is in no tree; NULL: none. */
    const struct pgcensus_node_result *upstream_unplaced;

    /* A node in front of it that reaches the same server and stands for it: the
     * standbys of the server are below that node.  NULL: none. */
    const struct pgcensus_tree_node *same_server_as;

    /* Clients that receive WAL from it and are no nodes of the round. */
    const struct pgcensus_sender *const *strangers;
    size_t n_strangers;
    /* The number of further clients, which are hidden or cannot be identified;
     * -1: senders were not asked for. */
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
    PGCENSUS_UNPLACED_POOLER,        /* it may answer with any of several servers */
    PGCENSUS_UNPLACED_NO_FACTS,      /* result->facts_reason says why */
    PGCENSUS_UNPLACED_NO_IDENTIFIER, /* it does not report its cluster */
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

/* Each of the results is in it exactly once.  The results may have facts of any
 * level; without PGCENSUS_FACTS_FULL there are no strangers.  NULL: no memory. */
struct pgcensus_topology *
pgcensus_topology_new(const struct pgcensus_fleet *fleet,
                      const struct pgcensus_node_result *const *results, size_t n,
                      struct pgcensus_error *ret_error);
void pgcensus_topology_free(struct pgcensus_topology *topology);

#endif

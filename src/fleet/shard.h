/* A part of the fleet with a loop of its own: nodes, pools, a crew, and whatever is
 * being done with them.  Shards share nothing.
 *
 * What the fleet tells a shard and what it hears from it are values: options and
 * reasons go in, results, answers, snapshots and events come out.  Today there is one
 * shard and it runs on the calling thread, inside shard_turn().  More of them need a
 * thread each and a queue on both sides of these functions; nobody on either side
 * would notice. */
#ifndef FLEET_SHARD_H
#define FLEET_SHARD_H

#include "fleet/events.h"
#include "fleet/node.h"
#include "pg/cancel.h"

#include <pgcensus/fleet.h>

struct round;
struct monitor;

struct shard {
    struct node_home home;
    struct crew *crew;
    struct resolver *resolver;
    struct glances *glances;
    struct cancels cancels; /* of what its connections give up */
    struct node **nodes;    /* in inventory order; owned by the shard */
    size_t n_nodes, cap_nodes;
    struct events *events; /* the fleet's queue; NULL until somebody watches */

    struct round *round;     /* NULL: no checks are asked for */
    struct monitor *monitor; /* NULL: nobody watches */
    bool stopping;           /* no new work */
    size_t turn_of_any; /* whose turn it is when any node will do, modulo n_nodes */

    struct task bell; /* a descriptor of the caller that ends a turn early */
    bool rung;
};

/* secrets outlive it.  NULL: no memory, no descriptors. */
struct shard *shard_new(const struct secrets *secrets);
/* Waits for what is given up, see shard_part(), and closes everything. */
void shard_free(struct shard *shard);
AUTO_DEFINE(struct shard *, shard_free)

/* Takes the node over.  False: no memory, the node is still the caller's. */
bool shard_add(struct shard *shard, struct node *node);

/* Moves everything by one turn of the loop that waits at most until `until`, by the
 * shard's clock.  False:
 * it cannot wait any more, the system is out of memory. */
bool shard_turn(struct shard *shard, nsec until);
/* The clock by which everything in it is decided; see loop_now(). */
static inline nsec shard_now(const struct shard *shard)
{
    return loop_now(shard->home.loop);
}
/* From now on shard->rung tells that fd is readable; -1: none. */
void shard_listen(struct shard *shard, int fd);

/* Statements that were given up are cancelled on their servers and their connections
 * closed after that.  Waits until all are, CANCEL_PATIENCE at most. */
void shard_part(struct shard *shard);

/* How far we are behind ourselves: the longer of the last turn and the queue of the
 * crew. */
nsec shard_lag(struct shard *shard, nsec now);

/* Runs one statement and waits for its answer.  False: no memory. */
bool shard_ask(struct shard *shard, struct node *node, const char *sql, nsec timeout,
               struct pgcensus_answer *ret_answer, struct pgcensus_error *ret_error);

void shard_snapshot(const struct shard *shard, const struct node *node,
                    struct pgcensus_node_snapshot *ret_snapshot);

/* Stops the checks, waits until `until` for those under way, closes everything. */
void shard_stop(struct shard *shard, nsec until);

#endif

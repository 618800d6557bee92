/* The engine of a fleet: one loop, which runs on the calling thread inside
 * engine_turn(), the threads beside it, the nodes, and whatever is being done with
 * them.
 *
 * Options and reasons go in; results, answers, snapshots and events come out, as
 * values. There is one engine per fleet: a check costs some microseconds, so one loop
 * carries 100,000 nodes, and what computes or may block is in worker threads already.
 * A fleet that outgrows a machine is parted by inventory, between processes. */
#ifndef FLEET_ENGINE_H
#define FLEET_ENGINE_H

#include "fleet/events.h"
#include "fleet/roster.h"
#include "pg/cancel.h"

#include <pgcensus/fleet.h>

struct round;
struct monitor;

struct engine {
    struct node_home home;
    struct workers *workers;
    struct resolver *resolver;
    struct glances *glances;
    struct cancels cancels; /* of what its connections give up */
    struct roster *roster;  /* its nodes; see engine_roster() */
    struct node vacant;     /* stands in the roster where a node has left */
    size_t n_vacant;        /* so often */
    struct list leaving;    /* nodes that left, as long as something is about them */
    uint32_t generations;   /* nodes that were ever added */

    struct round *round;     /* NULL: no checks are asked for */
    struct monitor *monitor; /* NULL: no periodic checks */
    struct events *events;   /* of the monitor; NULL until there is one */
    size_t
        turn_of_any; /* the node that is next when any will do, modulo their number */

    struct task wake; /* a descriptor of the caller that ends a turn early */
    bool woken;
};

/* secrets outlive it.  NULL: no memory, no descriptors. */
struct engine *engine_new(const struct secrets *secrets);
/* Waits for what is given up, see engine_part(), and closes everything. */
void engine_free(struct engine *engine);
AUTO_DEFINE(struct engine *, engine_free)

/* The index for the next node that comes. */
size_t engine_vacancy(const struct engine *engine);
/* Keeps the node, at its index, and watches it if it watches any.  False: no memory. */
bool engine_add(struct engine *engine, struct node *node);
/* The node leaves, but is kept while a round or query may ask it or an event is about
 * it.  False: no memory, nothing changed. */
bool engine_remove(struct engine *engine, struct node *node);
/* The successor, which has the same index, takes its place.  The same. */
bool engine_renew(struct engine *engine, struct node *node, struct node *successor);
/* The node that left that index and is still kept; NULL: there is none. */
struct node *engine_find_left(const struct engine *engine, size_t index);

/* The nodes as they are now, which those that ask them keep until they are done.  Ends
 * with engine_leave(). */
struct roster *engine_roster(struct engine *engine);
void engine_leave(struct engine *engine, struct roster *roster); /* NULL is fine */

/* Moves everything by one turn of the loop that waits at most until `until`, by the
 * engine's clock.  False: it cannot wait any more, the system is out of memory. */
bool engine_turn(struct engine *engine, nsec until);
/* The clock by which everything in it is decided; see loop_now(). */
static inline nsec engine_now(const struct engine *engine)
{
    return loop_now(engine->home.loop);
}
/* From now on engine->woken tells that fd is readable; -1: none. */
void engine_watch_fd(struct engine *engine, int fd);

/* Statements that were given up are cancelled on their servers and their connections
 * closed after that.  Waits until all are, CANCEL_PATIENCE at most. */
void engine_part(struct engine *engine);

/* How far we are behind ourselves: the longer of the last turn and the queue of the
 * workers. */
nsec engine_lag(struct engine *engine, nsec now);

void engine_snapshot(const struct engine *engine, const struct node *node,
                     struct pgcensus_node_snapshot *ret_snapshot);

/* Whether a thread is inside a call that may never end. */
bool engine_is_held_up(const struct engine *engine);

/* Begins the periodic checks of all nodes, and their events; the end of both.  False:
 * no memory, nothing has begun. */
bool engine_monitor(struct engine *engine);
/* Stops the checks, waits until `until` for those under way, closes everything. */
void engine_stop(struct engine *engine, nsec until);

#endif

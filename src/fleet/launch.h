/* What may start now: the launcher of everything that asks many nodes at once.
 *
 * It holds those that are under way, those that are finished and those that have to
 * wait, and answers how many more may start: no more than descriptors allow, a handful
 * in a turn, and few while we are behind ourselves (health/pace.h).  Which node is next
 * is the business of its user: a round of checks, a query, the periodic checks.
 *
 * Descriptors and memory may be short all the same.  An entry that failed for want of
 * them says nothing about its node.  It is deferred, and may start again after
 * SHORTAGE_WAIT; `jobs` shrinks to what evidently fits beside it and grows with every
 * newcomer that finds what it needs.  So one node that can never be asked from here
 * costs the others no time, and a real shortage is found out and kept to.  An entry
 * that fails so a second time with nothing beside it, or too often, has failed. */
#ifndef FLEET_LAUNCH_H
#define FLEET_LAUNCH_H

#include "io/loop.h"

struct engine;

/* How soon to ask again when nothing may start although there is room. */
#define RETRY_START_AFTER NSEC_PER_MSEC
/* Something starts so often at least.  A server that floods us makes every turn long,
 * and must not hold up those that have not been asked yet. */
#define MAX_START_DELAY (5 * NSEC_PER_MSEC)
/* What is due at a point in time starts so much later at most, as long as there is
 * room, however far behind we are: rhythm is what it is about. */
#define MAX_DUE_DELAY (100 * NSEC_PER_MSEC)

/* Embedded in what is launched; zeroed before it starts the first time. */
struct launch_entry {
    struct list_node link; /* in one of the launcher's lists, or its user's */
    unsigned serial;       /* how many had started by then, this one too */
    bool alone;            /* nothing else was under way then */
    unsigned defers;       /* how often it was deferred */
    bool is_deferred;
    nsec ready; /* … and may start again from then on */
};

struct launch {
    struct list under_way, finished, deferred;
    struct task *owner; /* woken when an entry is finished */
    struct engine *engine;
    unsigned jobs, most_jobs; /* under way at once: now, and when nothing is short */
    bool one_by_one;          /* one at a time, at any pace */
    bool keeps_places; /* for deferred entries, which then start before newcomers:
                          others may wait for them and not give their own places up */
    unsigned started;  /* entries; deferred ones once more each time */
    nsec latest;       /* when something was allowed to start */
    bool slowed;       /* it was not, the last time */
};

/* jobs: how many at once are wanted, 0: 1000; it is no more than there are descriptors
 * for. */
void launch_init(struct launch *launch, struct engine *engine, struct task *owner,
                 unsigned jobs);

/* How many may start now.  due: when the next one should have started; NEVER: it has no
 * time of its own. */
unsigned launch_allow(struct launch *launch, nsec due, nsec now);
/* There is a place for a newcomer, whatever the pace says. */
bool launch_has_place(const struct launch *launch);
/* There is a place for a deferred entry. */
bool launch_has_room(const struct launch *launch);
/* When to ask launch_allow() again if nothing is finished first.  more: there are
 * newcomers. */
nsec launch_again(const struct launch *launch, bool more, nsec now);

/* The entry has started and is under way; it was in no list. */
void launch_enter(struct launch *launch, struct launch_entry *entry);
/* It is not any more; wakes the owner. */
void launch_finish(struct launch *launch, struct launch_entry *entry);
/* Takes the next one that is finished; NULL: none is. */
struct launch_entry *launch_next_finished(struct launch *launch);

/* Decides about an entry that was finished.  lacks: it failed for want of descriptors
 * or memory of ours.  True: it is deferred, else it is the user's. */
bool launch_settle(struct launch *launch, struct launch_entry *entry, bool lacks,
                   nsec now);
/* There was no memory for a newcomer: it waits until something is finished.  False:
 * nothing is under way. */
bool launch_shrink(struct launch *launch);
/* Takes a deferred entry that may start; NULL: none may now. */
struct launch_entry *launch_next_deferred(struct launch *launch, nsec now);
/* The same of this one, whether or not there is room: everything else waits for it. */
bool launch_take_deferred(struct launch *launch, struct launch_entry *entry, nsec now);
/* Nothing starts any more: takes any of them. */
struct launch_entry *launch_drop_deferred(struct launch *launch);

#endif

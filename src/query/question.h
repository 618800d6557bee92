/* One statement on one node, as a task:
 *
 *     CLAIMING ──▶ OPENING ──▶ CHECKING ──▶ ROLE ──▶ ASKING ──▶ CLOSING ──▶ DONE
 *       │   ▲          │          │            │          │
 *       ▼   │          ▼          ▼            ▼          ▼
 *      PAUSING ◀────────────────── a failure that may pass
 *
 * CHECKING and ROLE only if that matters, CLOSING only behind a statement that must not
 * write (before one that may, LEAVING and another OPENING), PAUSING only if there are
 * retries left.  What comes out is rows, and one result. */
#ifndef QUERY_QUESTION_H
#define QUERY_QUESTION_H

#include "base/rowset.h"
#include "fleet/attempt.h"
#include "fleet/launch.h"
#include "query/plan.h"

enum question_state {
    QUESTION_RESTING,  /* before it begins */
    QUESTION_CLAIMING, /* waits for a connection */
    QUESTION_OPENING,  /* the envelope is being opened */
    QUESTION_CHECKING, /* waits for the answer to the health check */
    QUESTION_ROLE,     /* waits for its role */
    QUESTION_LEAVING,  /* that was in an envelope, and the statement must not be */
    QUESTION_ASKING,   /* waits for the answer */
    QUESTION_CLOSING,  /* the envelope is being closed; rows and result are complete */
    QUESTION_PAUSING,  /* failed, and waits for the next attempt */
    QUESTION_DONE,
};

struct question {
    struct task task;
    struct launch *launch;
    struct launch_entry entry;
    struct list_node offer; /* in plan->offering */
    struct node *node;
    struct plan *plan;
    enum question_state state;
    struct attempt attempt;

    bool opens;             /* OPENING: a read-only transaction, not only a limit */
    bool enveloped;         /* that is open */
    bool checks, asks_role; /* are still to be done */

    struct pgcensus_node_result health; /* what the login and the check have said */
    struct rowset *rows;                /* to be handed out next */
    struct rowset *last;                /* those behind them, the final ones */
    struct rowset *shape;               /* the columns of the answer; NULL: unknown */
    struct pgcensus_notices notices;    /* of the latest attempt that asked */
    struct pgcensus_query_result result;
};

/* Starts, by itself or once more; it was zeroed before the first time.  If it cannot
 * even begin it is finished at once.  Its launcher's owner is also woken when it has
 * rows. */
void question_begin(struct question *question, struct node *node,
                    struct node_home *home, struct launch *launch, struct plan *plan,
                    nsec now);
/* It failed for want of descriptors or memory of ours, and may be asked again. */
bool question_lacks(const struct question *question);
/* Rows that are there; NULL: none.  More may follow until it is done. */
struct rowset *question_take_rows(struct question *question);
/* ASKING: looks whether the connection has rows; at the end of the answer takes all. */
void question_take_ahead(struct question *question);
/* ASKING, and it is not waited for any more: what is there after all. */
void question_take_rest(struct question *question);
/* Rows were cut off its answer, here or on its connection: it gets no more of them, for
 * that reason, and what does not write ends. */
void question_cut(struct question *question, const char *why, nsec now);
/* The time of a question that is under way is over, whatever its own deadline says: a
 * timeout in its phase.  `why` ends the sentence "timeout: ". */
void question_strike(struct question *question, const char *why, nsec now);
/* It is not wanted any more: ends with that class and that reason, in its phase.
 * Closing the connection ends the statement on the server. */
void question_end(struct question *question, enum pgcensus_class error_class,
                  enum pgcensus_subject subject, const char *reason, nsec now);
/* Frees what it holds; it is in no list of its launcher any more. */
void question_fini(struct question *question);

#endif

/* One attempt at a node after the other: get a connection, send, be answered or fail.
 *
 * It is embedded in a machine that knows what is sent and what an answer means: a
 * check, a query of one node, a lone statement.  The attempt knows the rest, once for
 * all of them: deadlines, how long it took without what was our own doing, when a
 * failure is no failure yet, and what a failure from outside says.  It has no states of
 * its own and no task: the machine's task is what the pool wakes. */
#ifndef FLEET_ATTEMPT_H
#define FLEET_ATTEMPT_H

#include "fleet/node.h"

struct attempt_options {
    struct retry_options retry;
    nsec length; /* one attempt, from its beginning; NEVER: only `all` counts */
    nsec all;    /* all attempts together, with the pauses between them; 0: no limit */
    nsec latest; /* a point in time: no attempt begins later; NEVER */
};

struct attempt {
    struct task *task; /* the machine's */
    struct node *node;
    struct pool *pool;
    struct claim claim;
    struct attempt_options options;

    unsigned count; /* attempts, and logins that the server wanted otherwise */
    unsigned tries; /* attempts that count against options.retry */
    bool renewed;   /* it lost a used connection and took a fresh one */
    bool asked;     /* something was sent on this connection */
    bool once;      /* … which must not be sent again */
    bool streaming; /* rows of the answer were seen */
    bool pardoned;  /* see attempt_fail() */

    nsec began;
    nsec queued;   /* of it, for a thread of ours */
    nsec lost;     /* of the loop's time, when it began */
    nsec deadline; /* of this attempt */
    nsec patience; /* the length that the deadline was made of */
    nsec limit;    /* all attempts are over by then */
    nsec resumes;  /* ATTEMPT_LATER: when the next one is due */
};

/* Nothing happens yet.  The machine's task is in a loop before attempt_begin(). */
void attempt_init(struct attempt *attempt, struct task *task, struct node *node,
                  struct pool *pool, const struct attempt_options *options, nsec now);
/* Gives the connection back: as it was found (it may be closed all the same), or only
 * to be closed, which rolls back and ends what runs on the server. */
void attempt_release(struct attempt *attempt, nsec now);
void attempt_discard(struct attempt *attempt, nsec now);

/* The first attempt, or the next one: claims a connection.  The task is stepped when
 * attempt_claimed() has something to say. */
void attempt_begin(struct attempt *attempt, nsec now);
/* What has become of the claim.  GRANTED: the connection is there, and what a thread of
 * ours came late is not charged to the node.  FAILED: attempt->claim.failure. */
enum claim_state attempt_claimed(struct attempt *attempt);

/* A new deadline for what comes now, so far away, within that of all attempts. */
void attempt_set_deadline(struct attempt *attempt, nsec length, nsec now);

/* A statement of ours, whose answer has few rows; a server with hundreds of slots has
 * much to say in them. */
struct pg_statement attempt_statement(const char *sql);
/* Sends it; timeout is that of the statement alone.  The task is stepped when there is
 * an answer, or rows of it. */
void attempt_send(struct attempt *attempt, struct pg_statement statement, nsec timeout,
                  nsec now);
/* The same, and it is not repeated whatever happens, because it may write. */
void attempt_send_once(struct attempt *attempt, struct pg_statement statement,
                       nsec timeout, nsec now);
/* Rows of the answer were seen: it is not asked for again. */
void attempt_note_rows(struct attempt *attempt);

/* What follows a failure of the claim, the connection or the answer. */
enum attempt_next {
    ATTEMPT_OVER,  /* it counts; the connection, if there is one, is still claimed */
    ATTEMPT_AGAIN, /* it does not count: a fresh connection is claimed already, and
                      nothing of what the machine has learnt until now is true */
    ATTEMPT_LATER, /* attempt_begin() at attempt->resumes */
};
/* A used connection that turns out to be lost says nothing about the node, only about
 * our memory of it; what was asked is asked once more on a fresh connection, within the
 * same attempt.  And a server gives a client up that is silent for long, so if we stood
 * still, one such failure is pardoned.  Whatever else happens is retried as
 * options.retry says. */
enum attempt_next attempt_fail(struct attempt *attempt,
                               const struct pgcensus_failure *failure, nsec now);

/* This attempt so far, without what was no doing of the node's. */
nsec attempt_length(const struct attempt *attempt, nsec now);
/* How long its connection took to open, in the same sense; unknown if it was open. */
nsec attempt_opening(const struct attempt *attempt);

/* How far it has come, for a failure from outside. */
enum pgcensus_phase attempt_phase(struct attempt *attempt);
/* Its time is over, whatever its own deadline says, because of `why`: a timeout in its
 * phase; but a node that waited for a thread of ours to the end was never asked, and
 * the failure is ours. */
void attempt_strike(struct attempt *attempt, const char *why,
                    struct pgcensus_failure *ret_failure);

#endif

/* A question from inside, for question.c and question_opening.c. */
#ifndef QUERY_QUESTION_PRIVATE_H
#define QUERY_QUESTION_PRIVATE_H

#include "query/question.h"

static inline struct pg_conn *question_conn(const struct question *question)
{
    return claim_conn(&question->attempt.claim);
}

/* question.c */
void question_enter(struct question *question, enum question_state state);
/* Enters the state and sends what is ours, which may be sent again; timeout is that of
 * the statement alone. */
void question_send(struct question *question, enum question_state state,
                   struct pg_statement statement, nsec timeout, nsec now);
/* The result is complete. */
void question_finish(struct question *question, nsec now);
/* Closes the envelope first, if it is open. */
void question_close(struct question *question, nsec now);
/* It is not asked, for a reason that is no failure of anything that was sent. */
void question_refuse(struct question *question, enum pgcensus_class error_class,
                     const char *why, nsec now);
/* Whatever it was asked has failed. */
void question_fail_asking(struct question *question, nsec now);

/* question_opening.c */
/* There is a connection: begins to look whether and how to ask. */
void question_greet(struct question *question, nsec now);
/* OPENING, CHECKING, ROLE or LEAVING, and the answer is there. */
void question_step_opening(struct question *question, nsec now);

#endif

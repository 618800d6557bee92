/* One statement on one node, waited for. */
#ifndef FLEET_ASK_H
#define FLEET_ASK_H

#include "fleet/engine.h"

/* Turns the engine until the answer is there, or `timeout` is over, which is a failure
 * in the answer.  The answer is the caller's, see pgcensus_answer_fini().  False: no
 * memory. */
bool ask_node(struct engine *engine, struct node *node, const char *sql, nsec timeout,
              struct pgcensus_answer *ret_answer, struct pgcensus_error *ret_error);

#endif

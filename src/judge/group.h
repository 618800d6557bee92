/* The verdict on nodes that belong together.  Pure, but for the memory of what it says.
 */
#ifndef JUDGE_GROUP_H
#define JUDGE_GROUP_H

#include "judge/lag.h"

#include <pgcensus/verdict.h>

struct group_question {
    const char *group;             /* NULL: those without one */
    const struct company *company; /* its nodes */
    bool complete;                 /* all nodes of the group are there */
    struct pgcensus_require require;
};

/* Fills in all but the name; false: no memory.  Free with group_verdict_fini(). */
bool group_judge(const struct group_question *question,
                 struct pgcensus_group_verdict *ret_verdict);
void group_verdict_fini(struct pgcensus_group_verdict *verdict);

#endif

/* Answers from compact text, for the tests of what is made of them.
 *
 *     "id:int4 name:text|1,a|2,~"      two columns, two rows, the last cell is NULL
 *     "-"                              no answer
 *     "!a:int4|1"                      not complete
 *
 * Types are those of base/types.c, or OIDs, text if none is given;
 * node i is called "n<i>". */
#ifndef TESTS_REPLIES_STAGE_H
#define TESTS_REPLIES_STAGE_H

#include "base/rowset.h"

#include <pgcensus/replies.h>

enum { STAGE_MOST = 32 };

struct replies_stage {
    struct pgcensus_reply items[STAGE_MOST];
    struct pgcensus_replies replies;
    char names[STAGE_MOST][8];
};

/* The texts end with NULL. */
void replies_stage_init(struct replies_stage *stage, const char *const *texts);
void replies_stage_fini(struct replies_stage *stage);
AUTO_DEFINE_VALUE(struct replies_stage, replies_stage_fini)

#define STAGE(name, ...)                                                               \
    AUTO(replies_stage_fini) struct replies_stage name;                                \
    replies_stage_init(&name, (const char *const[]){__VA_ARGS__, NULL})

struct pgcensus_rows *stage_rows(const char *text);

/* The rows as text again, types left out: "id name|1,a|2,~".  Static storage. */
const char *stage_print(const struct pgcensus_rows *rows);

#endif

/* Answers to queries that nobody asked, for the reports to print. */
#ifndef GOLDEN_ANSWERS_H
#define GOLDEN_ANSWERS_H

#include "base/auto.h"
#include "report/query.h"

/* A document and all that it points to; freed by answers_fini(). */
struct answers {
    struct pgcensus_fleet *fleet;
    struct query_document document;
    struct pgcensus_merge *merge;
    struct pgcensus_rows *reduced;
    struct pgcensus_fold *fold;
    struct pgcensus_diff *diff;
};

void answers_fini(struct answers *answers);
AUTO_DEFINE_VALUE(struct answers, answers_fini)

/* The one of the mock-ups: four nodes answer with a row each, one is down. */
struct answers answers_of_five(void);
/* All that is strange: types, values, names of columns, columns that differ; nodes that
 * gave a part of their rows, failed, were not asked, or have a hostile message. */
struct answers answers_of_odd_ones(void);
/* Rows without columns; columns without rows; commands; nobody at all. */
struct answers answers_without_columns(void);
struct answers answers_without_rows(void);
struct answers answers_of_commands(void);
struct answers answers_of_nobody(void);
/* Warnings and notices, alike and not, more than are kept; as many as nobody reads. */
struct answers answers_with_notices(void);
struct answers answers_with_many_notices(void);
/* A setting of three nodes that agree, of one that does not, and of one that is down.
 */
struct answers answers_to_fold(void);
/* Settings of six nodes: two agree, the others differ in values, in rows, in columns;
 * one is down.  n_compared: how many columns there are beside the key. */
struct answers answers_to_compare(size_t n_compared);
struct answers answers_of_other_shapes(void);
/* A thousand nodes: the same error of most, a few that are down in groups. */
struct answers answers_of_a_thousand(void);

/* What --fold, --diff, --reduce and --sum make of them. */
void answers_fold(struct answers *answers);
void answers_compare(struct answers *answers, const char *reference);
void answers_reduce(struct answers *answers);
void answers_add_up(struct answers *answers, const char *column);

#endif

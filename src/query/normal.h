/* Answers as they are compared: each value in one form, whatever the settings of the
 * session that wrote it.
 *
 * 1.10 becomes 1.1, a moment is written in UTC, an interval as its length, bytea in
 * hexadecimal, and char(n) without its blanks.  Most answers have that form already,
 * and then nothing is copied. */
#ifndef QUERY_NORMAL_H
#define QUERY_NORMAL_H

#include "base/auto.h"

#include <pgcensus/replies.h>

struct normal_rows;

struct normal {
    struct pgcensus_replies replies; /* as many, of the same columns and rows */
    struct pgcensus_reply *items;
    struct normal_rows *made; /* by reply; of those that were changed */
};

/* Only complete answers are looked at.  False: no memory, or a value is written in a
 * form that cannot be read, and error says whose. */
bool normal_init(struct normal *normal, const struct pgcensus_replies *replies,
                 struct pgcensus_error *ret_error);
void normal_fini(struct normal *normal);
AUTO_DEFINE_VALUE(struct normal, normal_fini)

/* pgcensus_fold() of what is normal already. */
struct pgcensus_fold *normal_fold(const struct pgcensus_replies *replies,
                                  bool unordered, struct pgcensus_error *ret_error);

#endif

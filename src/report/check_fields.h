/* What a check learnt of a node, as fields; and of many nodes that share a problem, as
 * far as they have a line of a page. */
#ifndef REPORT_CHECK_FIELDS_H
#define REPORT_CHECK_FIELDS_H

#include "report/field.h"

#include <pgcensus/pgcensus.h>

struct check_line {
    const struct pgcensus_identity *identity;  /* first, see identity.h; NULL: many */
    const struct pgcensus_node_result *result; /* of many: of one of them */
    const struct pgcensus_fleet *fleet;

    /* Of lines of pages. */
    const char *name, *detail; /* of many; else NULL */
    bool more;                 /* what the server added to its message, too */
    bool bare;                 /* no address in a message: it has a column */
};

extern const struct field_table check_fields;

/* For base, for rows of every kind that begin as a struct check_line; NULL where they
 * are about no single node.  Of latencies, facts and lag also if there are none. */
const void *check_result_of(const void *row);
const void *check_facts_of(const void *row);
const void *check_standby_facts_of(const void *row); /* facts of a standby */
const void *check_lag_of(const void *row);           /* of a standby with facts */

/* For get. */
bool check_get_status(const void *row, struct field_value *ret_value);
bool check_get_role(const void *row, struct field_value *ret_value);
bool check_get_upstream(const void *row, struct field_value *ret_value);
bool check_get_receiver(const void *row, struct field_value *ret_value);
bool check_get_message(const void *row, struct field_value *ret_value); /* the detail */

/* For show. */
void check_show_mark(const void *row, const struct look *look,
                     struct field_value *ret_value);
void check_show_lag(const void *row, const struct look *look,
                    struct field_value *ret_value);

/* For tone. */
enum tone check_tone(const void *row);

#endif

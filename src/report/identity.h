/* What a node is, as fields: of every kind of row that begins with its identity. */
#ifndef REPORT_IDENTITY_H
#define REPORT_IDENTITY_H

#include "report/field.h"

#include <pgcensus/fleet.h>

/* The first member of such a row, or all of it.  NULL: it is about no single node, and
 * nothing of this is known. */
struct identity_row {
    const struct pgcensus_identity *identity;
};

/* For base, with members of struct pgcensus_identity. */
const void *identity_of(const void *row);

/* Labels: a text in rows, {"dc":"fra"} in documents. */
bool identity_get_labels(const void *row, struct field_value *ret_value);
void identity_write_labels(const void *row, struct json *json);

#define IDENTITY(member_, heading_)                                                    \
    FIELD(#member_, NULL, heading_), .base = identity_of,                              \
                                     MEMBER(struct pgcensus_identity, member_)

#endif

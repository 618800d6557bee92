/* What a node is, as fields: for every kind of row that begins with its identity. */
#ifndef REPORT_IDENTITY_H
#define REPORT_IDENTITY_H

#include "report/field.h"

#include <pgcensus/fleet.h>

/* The first member of such a row, or all of it.  NULL: it is about no single node, and
 * nothing of this is known. */
struct identity_row {
    const struct pgcensus_identity *identity;
};

bool identity_get_name(const void *row, struct value *ret_value);
bool identity_get_group(const void *row, struct value *ret_value);
bool identity_get_labels(const void *row, struct value *ret_value);
bool identity_get_host(const void *row, struct value *ret_value);
bool identity_get_port(const void *row, struct value *ret_value);
bool identity_get_dbname(const void *row, struct value *ret_value);
bool identity_get_user(const void *row, struct value *ret_value);
bool identity_get_enabled(const void *row, struct value *ret_value);

/* {"dc":"fra"} */
void identity_write_labels(const void *row, struct json *json);

#endif

/* Lists in documents of a check. */
#ifndef REPORT_CHECK_LISTS_H
#define REPORT_CHECK_LISTS_H

#include "report/field.h"

#include <pgcensus/fleet.h>

/* "reasons" of nodes and of groups. */
void check_write_reasons(const struct pgcensus_reason *reasons, size_t n,
                         struct json *json);

/* For write, of a row that is a struct check_line of one node. */
void check_write_node_reasons(const void *row, struct json *json);
void check_write_slots(const void *row, struct json *json);
void check_write_senders(const void *row, struct json *json);
void check_write_missing(const void *row, struct json *json);

#endif

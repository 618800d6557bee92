/* Why a node is not ok, one more. */
#ifndef JUDGE_REASON_H
#define JUDGE_REASON_H

#include "base/buf.h"

#include <pgcensus/fleet.h>

/* Raises the status of the node and adds the reason.  NULL: there is no room for more,
 * and the status says so all the same. */
struct pgcensus_reason *reason_add(struct pgcensus_node_result *result,
                                   enum pgcensus_status status, const char *code);
void reason_say(struct pgcensus_reason *reason, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Names, folded, as many as there is room for: each of them whole, and how many more
 * there are. */
void reason_fit_names(const char *const *names, size_t n, size_t room, struct buf *out);

#endif

/* Why nodes are not ok, one more. */
#ifndef JUDGE_REASON_H
#define JUDGE_REASON_H

#include "base/buf.h"
#include "judge/peer.h"

/* The reasons of many nodes, those of one behind those of the one that was judged
 * before it.  Owned by the verdict that they are for; zeroed: none. */
struct reason_list {
    struct pgcensus_reason *reasons;
    size_t n, cap;
    bool no_memory;
};

/* Raises the status of the node that is being judged, the last of the list, and adds
 * the reason.  NULL: there is no room for more, and the status says so all the same. */
struct pgcensus_reason *reason_add(struct reason_list *list, const struct peer *peer,
                                   enum pgcensus_status status, const char *code);
void reason_say(struct pgcensus_reason *reason, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Names, folded, as many as there is room for: each of them whole, and how many more
 * there are. */
void reason_fit_names(const char *const *names, size_t n, size_t room, struct buf *out);

#endif

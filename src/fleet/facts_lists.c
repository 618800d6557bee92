/* Slots and senders: how many there are in the first line, then a line each.
 *
 * What a server may make us keep is bounded after parsing, too: a megabyte of lines
 * that are two bytes long each would become two hundred of structs. */
#include "fleet/facts_private.h"

#include <stdlib.h>
#include <string.h>

static size_t count_lines(struct span list)
{
    size_t n = 0;
    while (!span_is_empty(list) && n <= FACTS_MOST_LINES) {
        span_take(&list, '\n');
        n++;
    }
    return n;
}

/* A server that says that there are fewer than it lists is not believed. */
struct list_size facts_list_size(struct span list)
{
    int64_t all = span_count(span_take(&list, '\n'));
    size_t lines = count_lines(list);
    size_t kept = lines > FACTS_MOST_LINES ? FACTS_MOST_LINES : lines;
    if (all < (int64_t)lines)
        all = (int64_t)lines;
    return (struct list_size){kept, (size_t)all - kept};
}

static void read_slot(struct span line, struct pgcensus_slot *slot)
{
    span_copy(span_take(&line, '|'), slot->type, sizeof slot->type);
    slot->active = span_flag(span_take(&line, '|')) > 0;
    struct span retained = span_take(&line, '|');
    span_copy(span_take(&line, '|'), slot->wal_status, sizeof slot->wal_status);
    slot->synced = (int8_t)span_flag(span_take(&line, '|'));
    slot->failover = (int8_t)span_flag(span_take(&line, '|'));
    slot->conflicting = (int8_t)span_flag(span_take(&line, '|'));
    span_copy(span_take(&line, '|'), slot->invalidation_reason,
              sizeof slot->invalidation_reason);
    slot->inactive_since = span_wall(span_take(&line, '|'));
    span_copy(line, slot->name, sizeof slot->name);
    bool is_lost = !strcmp(slot->wal_status, "lost") || *slot->invalidation_reason;
    int64_t bytes = span_number(retained, INT64_MIN);
    /* A copy may be ahead of what its standby has replayed. */
    slot->retained = is_lost || bytes == INT64_MIN ? -1 : bytes < 0 ? 0 : bytes;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct pgcensus_slot *)a)->name,
                  ((const struct pgcensus_slot *)b)->name);
}

void facts_read_slots(struct span list, struct pgcensus_slot *slots, size_t n)
{
    span_take(&list, '\n');
    for (size_t i = 0; i < n; i++)
        read_slot(span_take(&list, '\n'), &slots[i]);
    qsort(slots, n, sizeof *slots, compare_names);
}

static void read_sender(struct span line, struct pgcensus_sender *sender)
{
    span_copy(span_take(&line, '|'), sender->state, sizeof sender->state);
    span_copy(span_take(&line, '|'), sender->address, sizeof sender->address);
    span_copy(span_take(&line, '|'), sender->slot, sizeof sender->slot);
    span_copy(line, sender->application, sizeof sender->application);
}

void facts_read_senders(struct span list, struct pgcensus_sender *senders, size_t n)
{
    span_take(&list, '\n');
    for (size_t i = 0; i < n; i++)
        read_sender(span_take(&list, '\n'), &senders[i]);
}

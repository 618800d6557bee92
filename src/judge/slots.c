#include "judge/slots.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* A copy that a standby keeps of a slot of its primary is not used, and is made anew by
 * the server itself if it is lost. */
static bool is_of(const struct pgcensus_slot *slot, const char *wal_status)
{
    return slot->synced != 1 && strcmp(slot->wal_status, wal_status) == 0;
}

/* Of that status; *ret_first is one of them. */
static size_t count(const struct pgcensus_facts *facts, const char *wal_status,
                    const struct pgcensus_slot **ret_first)
{
    size_t n = 0;
    for (int i = 0; i < facts->n_slots; i++) {
        if (!is_of(&facts->slots[i], wal_status))
            continue;
        if (n++ == 0)
            *ret_first = &facts->slots[i];
    }
    return n;
}

static void say_several(struct pgcensus_reason *reason, size_t n, const char *words,
                        const struct pgcensus_facts *facts, const char *wal_status)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    AUTO(free) const char **names = memory_array(n, sizeof *names);
    size_t room = sizeof reason->message - strlen(words) - sizeof "1000 slots : ";
    size_t found = 0;
    for (int i = 0; names && i < facts->n_slots && found < n; i++)
        if (is_of(&facts->slots[i], wal_status))
            names[found++] = facts->slots[i].name;
    if (names)
        reason_fit_names(names, n, room, &text);
    reason_say(reason, "%zu slots %s: %s", n, words, text.broken ? "" : text.bytes);
}

static void judge_lost(const struct peer *peer, struct reason_list *reasons)
{
    const struct pgcensus_slot *slot;
    size_t n = count(peer->result->facts, "lost", &slot);
    if (n == 0)
        return;
    struct pgcensus_reason *reason =
        reason_add(reasons, peer, PGCENSUS_WARN, "slot_lost");
    if (n > 1)
        say_several(reason, n, "are lost, what they feed must be set up anew",
                    peer->result->facts, "lost");
    else
        reason_say(reason, "slot %s is lost%s%s%s, what it feeds must be set up anew",
                   slot->name, *slot->invalidation_reason ? " (" : "",
                   slot->invalidation_reason, *slot->invalidation_reason ? ")" : "");
}

static void judge_unreserved(const struct peer *peer, struct reason_list *reasons)
{
    const struct pgcensus_slot *slot;
    size_t n = count(peer->result->facts, "unreserved", &slot);
    if (n == 0)
        return;
    struct pgcensus_reason *reason =
        reason_add(reasons, peer, PGCENSUS_WARN, "slot_unreserved");
    if (n > 1)
        say_several(reason, n, "may be lost at the next checkpoint",
                    peer->result->facts, "unreserved");
    else
        reason_say(reason, "slot %s may be lost at the next checkpoint", slot->name);
}

void slots_judge(const struct peer *peer, struct reason_list *reasons)
{
    if (!peer->result->facts || peer->result->facts->n_slots <= 0)
        return;
    judge_lost(peer, reasons);
    judge_unreserved(peer, reasons);
}

/* What servers say of themselves, as metrics.
 *
 * Each family asks for itself whether it is known: facts may be there and be empty,
 * because a role without rights sees little.  Nothing in here trusts a server not to
 * repeat itself, see check_prometheus.c. */
#include "base/clock.h"
#include "report/prometheus.h"

#include <string.h>

/* A server that claims to have more is not believed. */
enum { MOST_SLOTS = 1000 };

/* ---- replication ---- */

static void add_positions(const struct prometheus_node *node)
{
    const struct pgcensus_facts *facts = node->result->facts;
    if (!facts)
        return;
    const struct {
        const char *what;
        pgcensus_lsn at;
    } positions[] = {{"written", facts->wal},
                     {"received", facts->received},
                     {"replayed", facts->replayed}};
    for (size_t i = 0; i < ARRAY_SIZE(positions); i++) {
        if (positions[i].at == 0)
            continue;
        prometheus_begin(node);
        exposition_label(node->text, "position", positions[i].what);
        exposition_count(node->text, positions[i].at);
    }
}

/* No server has two of a name, but one may say so. */
static bool is_repeated(const struct pgcensus_slot *slots, int at)
{
    for (int i = 0; i < at; i++)
        if (strcmp(slots[i].name, slots[at].name) == 0)
            return true;
    return false;
}

/* Each slot, whatever is known of it: that it is there does not end when it is lost. */
static void add_slots(const struct prometheus_node *node)
{
    const struct pgcensus_facts *facts = node->result->facts;
    for (int i = 0; facts && i < facts->n_slots && i < MOST_SLOTS; i++) {
        const struct pgcensus_slot *slot = &facts->slots[i];
        if (is_repeated(facts->slots, i))
            continue;
        prometheus_begin(node);
        exposition_label(node->text, "slot", slot->name);
        exposition_label(node->text, "type", slot->type);
        exposition_label(node->text, "wal_status", slot->wal_status);
        exposition_label(node->text, "active", slot->active ? "true" : "false");
        exposition_count(node->text, 1);
    }
}

static void add_retained(const struct prometheus_node *node)
{
    const struct pgcensus_facts *facts = node->result->facts;
    for (int i = 0; facts && i < facts->n_slots && i < MOST_SLOTS; i++) {
        const struct pgcensus_slot *slot = &facts->slots[i];
        if (slot->retained < 0 || is_repeated(facts->slots, i))
            continue;
        prometheus_begin(node);
        exposition_label(node->text, "slot", slot->name);
        exposition_label(node->text, "slot_type", slot->type);
        exposition_label(node->text, "active", slot->active ? "true" : "false");
        exposition_count(node->text, (uint64_t)slot->retained);
    }
}

/* ---- the server ---- */

static void add_connections(const struct prometheus_node *node)
{
    const struct pgcensus_facts *facts = node->result->facts;
    if (!facts)
        return;
    const struct {
        const char *state;
        int n;
    } connections[] = {{"used", facts->connections_used},
                       {"max", facts->connections_max},
                       {"reserved", facts->connections_reserved}};
    for (size_t i = 0; i < ARRAY_SIZE(connections); i++) {
        if (connections[i].n < 0)
            continue;
        prometheus_begin(node);
        exposition_label(node->text, "state", connections[i].state);
        exposition_count(node->text, (unsigned)connections[i].n);
    }
}

static const struct prometheus_family families[] = {
    {"pgcensus_replay_lag_bytes",
     "How much WAL of its primary a standby has not replayed.",
     .column = "replay_lag_bytes"},
    {"pgcensus_receive_lag_bytes",
     "How much WAL of its primary a standby has not received.",
     .column = "receive_lag_bytes"},
    {"pgcensus_replay_lag_seconds",
     "How far a standby is behind its primary. 0 only if it has replayed everything.",
     .column = "replay_lag_s", .decimals = 6},
    {"pgcensus_wal_position_bytes",
     "A position in the WAL, since its beginning: written by a primary, received and "
     "replayed by a standby.",
     add_positions},
    {"pgcensus_timeline", "The timeline of a server.", .column = "timeline"},
    {"pgcensus_replay_paused", "Whether a standby was told to stop replaying.",
     .column = "replay_paused"},
    {"pgcensus_slot", "A replication slot, and what became of its WAL. Always 1.",
     add_slots},
    {"pgcensus_slot_retained_bytes",
     "How much WAL a replication slot holds back. Not there for a slot that is lost.",
     add_retained},
    {"pgcensus_connections",
     "Connections of clients: used, the maximum, and how many of those are reserved.",
     add_connections},
    {"pgcensus_clock_offset_seconds", "The clock of the server minus ours.",
     .column = "clock_offset_ms", .decimals = 6},
    {"pgcensus_start_time_seconds", "When the server was started.",
     .column = "started_at", .decimals = 3},
    {"pgcensus_uptime_seconds", "How long the server has been running.",
     .column = "uptime_s", .decimals = 3},
};

const struct prometheus_family *prometheus_facts(size_t *ret_n)
{
    *ret_n = ARRAY_SIZE(families);
    return families;
}

/* The machine of health/state.c, moved once per run. */
#include "recall/record.h"

#include <stdio.h>

/* FNV-1a: no secret hangs on it, it only has to differ. */
static uint64_t hash(uint64_t h, const char *str)
{
    for (; *str; str++)
        h = (h ^ (unsigned char)*str) * 0x100000001b3;
    return (h ^ 0xff) * 0x100000001b3;
}

uint64_t record_target(const struct pgcensus_identity *identity)
{
    char port[8];
    uint64_t h = 0xcbf29ce484222325;
    snprintf(port, sizeof port, "%u", identity->port);
    h = hash(h, identity->host ? identity->host : "");
    h = hash(h, port);
    return hash(h, identity->dbname ? identity->dbname : "");
}

void record_note(struct record *record, const struct health_options *options,
                 const struct pgcensus_node_result *result, nsec now)
{
    enum pgcensus_class error_class =
        result->failed ? result->failure.error_class : PGCENSUS_CLASS_NONE;
    enum health_fact fact;
    if (!health_fact_of(error_class, &fact))
        return;
    struct health_options endless = *options;
    endless.max_attempts = 0; /* whoever runs us again has not given up */
    health_apply(&record->health, &endless, HEALTH_RETRYING, now);
    health_apply(&record->health, &endless, fact, now);
    flap_note(&record->flap, result->failed);
    record->checked = now;
}

struct pgcensus_past record_past(const struct record *record)
{
    const struct health *health = &record->health;
    return (struct pgcensus_past){
        .known = true,
        .state = health->state,
        .since = health->since,
        .failures = health->failures,
        .successes = health->successes,
        .changes = flap_changes(&record->flap),
        .flapping = record->flap.flapping,
    };
}

/* Facts, lag and groups in pgcensus.check/1.
 *
 * Every key is always there, and null says that it is not known.  Positions and the
 * system identifier are text: they are as long as 64 bits, and JSON's numbers are not.
 */
#include "report/check_facts.h"

#include "base/clock.h"
#include "report/words.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- values that may be unknown ---- */

/* As the server writes it, 16/B374D848. */
static void key_lsn(struct json *json, const char *key, pgcensus_lsn lsn)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIX32 "/%" PRIX32, (uint32_t)(lsn >> 32),
             (uint32_t)lsn);
    json_key_string(json, key, lsn ? text : NULL);
}

static void key_signed_milliseconds(struct json *json, const char *key, nsec length,
                                    bool known)
{
    json_key(json, key);
    if (known)
        json_number(json, (double)length / NSEC_PER_MSEC, 3);
    else
        json_null(json);
}

/* ---- parts ---- */

static void add_connections(struct json *json, const struct pgcensus_facts *facts)
{
    json_key(json, "connections");
    json_begin_object(json);
    json_key_known_int(json, "used", facts->connections_used,
                       facts->connections_used >= 0);
    json_key_known_int(json, "used_at_least", facts->connections_least,
                       facts->connections_least >= 0);
    json_key_known_int(json, "max", facts->connections_max,
                       facts->connections_max >= 0);
    json_key_known_int(json, "reserved", facts->connections_reserved,
                       facts->connections_reserved >= 0);
    json_key_int(json, "own", facts->connections_own);
    json_end_object(json);
}

static void key_flag(struct json *json, const char *key, int flag)
{
    if (flag < 0)
        json_key_null(json, key);
    else
        json_key_bool(json, key, flag);
}

static void key_time(struct json *json, const char *key, nsec time)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    if (time)
        clock_format_wall(time, &text);
    json_key_text(json, key, text.bytes);
    json->buf->broken |= text.broken;
}

static void add_slot(struct json *json, const struct pgcensus_slot *slot)
{
    json_begin_object(json);
    json_key_string(json, "name", slot->name);
    json_key_text(json, "type", slot->type);
    json_key_bool(json, "active", slot->active);
    json_key_known_int(json, "retained_bytes", slot->retained, slot->retained >= 0);
    json_key_text(json, "wal_status", slot->wal_status);
    key_flag(json, "synced", slot->synced);
    key_flag(json, "failover", slot->failover);
    key_flag(json, "conflicting", slot->conflicting);
    json_key_text(json, "invalidation_reason", slot->invalidation_reason);
    key_time(json, "inactive_since", slot->inactive_since);
    json_end_object(json);
}

static void add_slots(struct json *json, const struct pgcensus_facts *facts)
{
    json_key(json, "slots");
    if (facts->n_slots < 0) {
        json_null(json);
        return;
    }
    json_begin_array(json);
    for (int i = 0; i < facts->n_slots; i++)
        add_slot(json, &facts->slots[i]);
    json_end_array(json);
}

static void add_senders(struct json *json, const struct pgcensus_facts *facts)
{
    json_key(json, "senders");
    if (facts->n_senders < 0) {
        json_null(json);
        return;
    }
    json_begin_array(json);
    for (int i = 0; i < facts->n_senders; i++) {
        const struct pgcensus_sender *sender = &facts->senders[i];
        json_begin_object(json);
        json_key_text(json, "application", sender->application);
        json_key_text(json, "address", sender->address);
        json_key_text(json, "state", sender->state);
        json_key_text(json, "slot", sender->slot);
        json_end_object(json);
    }
    json_end_array(json);
}

static void add_missing(struct json *json, const struct pgcensus_facts *facts)
{
    json_key(json, "facts_missing");
    json_begin_array(json);
    for (size_t i = 0; i < facts->n_missing; i++) {
        const struct pgcensus_missing *missing = &facts->missing[i];
        json_begin_object(json);
        json_key_string(json, "part", pgcensus_facts_part_name(missing->part));
        json_key_text(json, "sqlstate", missing->sqlstate);
        json_key_string(json, "message", missing->message);
        json_end_object(json);
    }
    json_end_array(json);
}

void check_add_upstream(struct json *json, const char *key,
                        const struct pgcensus_facts *facts)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    add_upstream(&text, facts);
    json_key_text(json, key, text.bytes);
    json->buf->broken |= text.broken;
}

void check_add_receiver(struct json *json, const struct pgcensus_facts *facts)
{
    const char *name = pgcensus_receiver_name(facts->receiver);
    json_key_string(json, "receiver",
                    facts->receiver == PGCENSUS_RECEIVER_OTHER ? facts->receiver_status
                                                               : name);
}

static void add_replication(struct json *json, const struct pgcensus_fleet *fleet,
                            const struct pgcensus_node_result *result)
{
    const struct pgcensus_facts *facts = result->facts;
    const struct pgcensus_lag *lag = &result->lag;
    if (result->role != PGCENSUS_STANDBY) {
        json_key_null(json, "replication");
        return;
    }
    json_key(json, "replication");
    json_begin_object(json);
    check_add_upstream(json, "upstream", facts);
    check_add_receiver(json, facts);
    json_key_text(json, "slot", facts->receiver_slot);
    key_lsn(json, "receive_lsn", facts->received);
    key_lsn(json, "replay_lsn", facts->replayed);
    json_key_known_int(json, "receive_lag_bytes", lag->receive, lag->receive >= 0);
    json_key_known_int(json, "replay_lag_bytes", lag->replay, lag->replay >= 0);
    json_key_seconds(json, "replay_lag_s", lag->time);
    json_key_string(json, "lag_reason", lag->reason);
    key_flag(json, "replay_paused", facts->paused);
    json_key_seconds(json, "apply_delay_s", facts->apply_delay);
    json_key_milliseconds(json, "sampled_skew_ms", lag->skew);
    json_key_string(json, "primary",
                    lag->primary == SIZE_MAX
                        ? NULL
                        : pgcensus_fleet_node(fleet, lag->primary)->name);
    json_end_object(json);
}

void check_add_facts(struct json *json, const struct pgcensus_fleet *fleet,
                     const struct pgcensus_node_result *result)
{
    const struct pgcensus_facts *facts = result->facts;
    if (!facts) {
        json_key_null(json, "facts");
        json_key_text(json, "facts_reason", result->facts_reason);
        json_key_null(json, "facts_missing");
        return;
    }
    json_key(json, "facts");
    json_begin_object(json);
    json_key_string(json, "level", pgcensus_facts_level_name(facts->level));
    json_key_known_int(json, "timeline", facts->timeline, facts->timeline > 0);
    json_key_identifier(json, "system_identifier", facts->system_identifier);
    key_time(json, "started_at", facts->started_at);
    json_key_seconds(json, "uptime_s", facts->uptime);
    add_connections(json, facts);
    key_lsn(json, "wal_lsn", facts->wal);
    key_signed_milliseconds(json, "clock_offset_ms", facts->clock_offset,
                            facts->clock_known);
    key_signed_milliseconds(json, "clock_uncertainty_ms", facts->clock_uncertainty,
                            facts->clock_known);
    add_slots(json, facts);
    json_key_known_int(json, "slots_left_out", facts->slots_left_out,
                       facts->n_slots >= 0);
    add_senders(json, facts);
    json_key_known_int(json, "senders_left_out", facts->senders_left_out,
                       facts->n_senders >= 0);
    add_replication(json, fleet, result);
    json_end_object(json);
    json_key_text(json, "facts_reason", facts->hidden);
    add_missing(json, facts);
}

/* ---- groups ---- */

void check_add_reasons(struct json *json, const struct pgcensus_reason *reasons,
                       size_t n)
{
    json_key(json, "reasons");
    json_begin_array(json);
    for (size_t i = 0; i < n; i++) {
        json_begin_object(json);
        json_key_string(json, "code", reasons[i].code);
        json_key_string(json, "message", reasons[i].message);
        json_key_text(json, "value", reasons[i].value);
        json_key_text(json, "limit", reasons[i].limit);
        json_end_object(json);
    }
    json_end_array(json);
}

static void add_names(struct json *json, const char *key,
                      const struct pgcensus_fleet *fleet, const size_t *indexes,
                      size_t n)
{
    json_key(json, key);
    json_begin_array(json);
    for (size_t i = 0; i < n; i++)
        json_string(json, pgcensus_fleet_node(fleet, indexes[i])->name);
    json_end_array(json);
}

void check_add_groups(struct json *json, const struct check_document *document)
{
    const struct pgcensus_verdict *verdict = document->verdict;
    json_key(json, "groups");
    json_begin_array(json);
    for (size_t i = 0; verdict && i < verdict->n_groups; i++) {
        const struct pgcensus_group_verdict *group = &verdict->groups[i];
        json_begin_object(json);
        json_key_string(json, "group", group->group);
        json_key_string(json, "status", pgcensus_status_name(group->status));
        add_names(json, "primaries", document->fleet, group->primaries,
                  group->n_primaries);
        add_names(json, "standbys", document->fleet, group->standbys,
                  group->n_standbys);
        check_add_reasons(json, group->reasons, group->n_reasons);
        json_end_object(json);
    }
    json_end_array(json);
}

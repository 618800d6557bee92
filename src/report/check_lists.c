/* What a node has several of: reasons, slots, senders, parts of facts that were
 * refused.
 *
 * Each is an array of objects in documents, and a table of fields of its own. */
#include "report/check_lists.h"

#include "report/check_fields.h"

static const struct field reason_fields[] = {
    {FIELD("code", NULL, NULL), MEMBER(struct pgcensus_reason, code)},
    {FIELD("message", NULL, NULL), MEMBER(struct pgcensus_reason, message)},
    {FIELD("value", NULL, NULL), MEMBER(struct pgcensus_reason, value),
     .unknown = UNKNOWN_IF_ZERO},
    {FIELD("limit", NULL, NULL), MEMBER(struct pgcensus_reason, limit),
     .unknown = UNKNOWN_IF_ZERO},
};

void check_write_reasons(const struct pgcensus_reason *reasons, size_t n,
                         struct json *json)
{
    static const struct field_table table = {reason_fields, ARRAY_SIZE(reason_fields)};
    field_write_array(&(struct field_rows){&table, reasons, sizeof *reasons, n}, json);
}

static const struct field slot_fields[] = {
    {FIELD("name", NULL, NULL), MEMBER(struct pgcensus_slot, name)},
    {FIELD("type", NULL, NULL), MEMBER(struct pgcensus_slot, type),
     .unknown = UNKNOWN_IF_ZERO},
    {FIELD("active", NULL, NULL), .unit = UNIT_FLAG,
     MEMBER(struct pgcensus_slot, active)},
    {FIELD("retained_bytes", NULL, NULL), .unit = UNIT_BYTES,
     MEMBER(struct pgcensus_slot, retained), .unknown = UNKNOWN_IF_NEGATIVE},
    {FIELD("wal_status", NULL, NULL), MEMBER(struct pgcensus_slot, wal_status),
     .unknown = UNKNOWN_IF_ZERO},
    {FIELD("synced", NULL, NULL), .unit = UNIT_FLAG,
     MEMBER(struct pgcensus_slot, synced), .unknown = UNKNOWN_IF_NEGATIVE},
    {FIELD("failover", NULL, NULL), .unit = UNIT_FLAG,
     MEMBER(struct pgcensus_slot, failover), .unknown = UNKNOWN_IF_NEGATIVE},
    {FIELD("conflicting", NULL, NULL), .unit = UNIT_FLAG,
     MEMBER(struct pgcensus_slot, conflicting), .unknown = UNKNOWN_IF_NEGATIVE},
    {FIELD("invalidation_reason", NULL, NULL),
     MEMBER(struct pgcensus_slot, invalidation_reason), .unknown = UNKNOWN_IF_ZERO},
    {FIELD("inactive_since", NULL, NULL), .unit = UNIT_MOMENT,
     MEMBER(struct pgcensus_slot, inactive_since), .unknown = UNKNOWN_IF_ZERO},
};

static const struct field sender_fields[] = {
    {FIELD("application", NULL, NULL), MEMBER(struct pgcensus_sender, application),
     .unknown = UNKNOWN_IF_ZERO},
    {FIELD("address", NULL, NULL), MEMBER(struct pgcensus_sender, address),
     .unknown = UNKNOWN_IF_ZERO},
    {FIELD("state", NULL, NULL), MEMBER(struct pgcensus_sender, state),
     .unknown = UNKNOWN_IF_ZERO},
    {FIELD("slot", NULL, NULL), MEMBER(struct pgcensus_sender, slot),
     .unknown = UNKNOWN_IF_ZERO},
};

static bool get_part(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_missing *missing = row;
    return value_string(ret_value, pgcensus_facts_part_name(missing->part));
}

static const struct field missing_fields[] = {
    {FIELD("part", NULL, NULL), .get = get_part},
    {FIELD("sqlstate", NULL, NULL), MEMBER(struct pgcensus_missing, sqlstate),
     .unknown = UNKNOWN_IF_ZERO},
    {FIELD("message", NULL, NULL), MEMBER(struct pgcensus_missing, message)},
};

/* -1: not known. */
static void write_list(const struct field_table *table, const void *items, size_t size,
                       int n, struct json *json)
{
    if (n < 0)
        json_null(json);
    else
        field_write_array(&(struct field_rows){table, items, size, (size_t)n}, json);
}

void check_write_slots(const void *row, struct json *json)
{
    static const struct field_table table = {slot_fields, ARRAY_SIZE(slot_fields)};
    const struct pgcensus_facts *facts = check_facts_of(row);
    write_list(&table, facts->slots, sizeof *facts->slots, facts->n_slots, json);
}

void check_write_senders(const void *row, struct json *json)
{
    static const struct field_table table = {sender_fields, ARRAY_SIZE(sender_fields)};
    const struct pgcensus_facts *facts = check_facts_of(row);
    write_list(&table, facts->senders, sizeof *facts->senders, facts->n_senders, json);
}

void check_write_missing(const void *row, struct json *json)
{
    static const struct field_table table = {missing_fields,
                                             ARRAY_SIZE(missing_fields)};
    const struct pgcensus_facts *facts = check_facts_of(row);
    write_list(&table, facts ? facts->missing : NULL, sizeof *facts->missing,
               facts ? (int)facts->n_missing : -1, json);
}

void check_write_node_reasons(const void *row, struct json *json)
{
    const struct pgcensus_node_result *result =
        ((const struct check_line *)row)->result;
    check_write_reasons(result->reasons, result->n_reasons, json);
}

/* The fields of a check.
 *
 * Their order is that of the keys of a node in pgcensus.check/1, where a key is always
 * there, null if we do not know: programs must be able to tell "no" from "not known"
 * without asking whether a key exists.  Fields without a key are columns only.
 *
 * A failed node has no latency in a column: the time to a failure is no speed, and a
 * gap is never drawn as a number. */
#include "report/check_fields.h"
#include "report/check_lists.h"

#include "report/identity.h"
#include "report/words.h"

#include <string.h>

static const struct check_line *line_of(const void *row)
{
    return row;
}

/* ---- where members are ---- */

const void *check_result_of(const void *row)
{
    return line_of(row)->identity ? line_of(row)->result : NULL;
}

const void *check_facts_of(const void *row)
{
    const struct pgcensus_node_result *result = check_result_of(row);
    return result ? result->facts : NULL;
}

static bool is_standby(const void *row)
{
    const struct pgcensus_node_result *result = check_result_of(row);
    return result && result->facts && result->role == PGCENSUS_STANDBY;
}

const void *check_standby_facts_of(const void *row)
{
    return is_standby(row) ? check_facts_of(row) : NULL;
}

const void *check_lag_of(const void *row)
{
    return is_standby(row) ? &line_of(row)->result->lag : NULL;
}

static const void *transport_of(const void *row)
{
    const struct pgcensus_node_result *result = check_result_of(row);
    return result && result->transport.known ? &result->transport : NULL;
}

static const void *latency_of(const void *row)
{
    const struct pgcensus_node_result *result = check_result_of(row);
    return result && result->attempted ? &result->latency : NULL;
}

static const void *past_of(const void *row)
{
    const struct pgcensus_node_result *result = check_result_of(row);
    return result && result->past.known ? &result->past : NULL;
}

static const struct pgcensus_failure *failure_of(const void *row)
{
    const struct pgcensus_node_result *result = check_result_of(row);
    return result && result->failed ? &result->failure : NULL;
}

/* ---- the node ---- */

static void show_name(const void *row, const struct look *look,
                      struct field_value *ret_value)
{
    const struct check_line *line = row;
    buf_add_str(&ret_value->made, line->identity ? line->identity->name : line->name);
}

static bool get_address(const void *row, struct field_value *ret_value)
{
    const struct check_line *line = row;
    if (line->identity)
        add_address(&ret_value->made, line->identity, line->result->hostaddr);
    return line->identity;
}

/* ---- its state ---- */

void check_show_mark(const void *row, const struct look *look,
                     struct field_value *ret_value)
{
    const struct check_line *line = row;
    if (line->result)
        buf_add_str(&ret_value->made, status_mark(line->result->status, look->unicode));
}

bool check_get_status(const void *row, struct field_value *ret_value)
{
    const struct check_line *line = row;
    if (!line->result)
        return false;
    ret_value->number = status_rank(line->result->status);
    return value_string(ret_value, pgcensus_status_name(line->result->status));
}

enum tone check_tone(const void *row)
{
    const struct check_line *line = row;
    return line->result ? status_tone(line->result->status) : TONE_PLAIN;
}

bool check_get_role(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_node_result *result = check_result_of(row);
    return result && value_string(ret_value, pgcensus_role_name(result->role));
}

/* Without what packagers add. */
static void show_version(const void *row, const struct look *look,
                         struct field_value *ret_value)
{
    const struct pgcensus_node_result *result = check_result_of(row);
    if (result)
        buf_add(&ret_value->made, result->server_version,
                strcspn(result->server_version, " "));
}

/* ---- how it was reached ---- */

static bool get_transport(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_transport *transport = transport_of(row);
    return transport &&
           value_string(ret_value, transport->unix_socket ? "unix" : "tcp");
}

/* "1.3", "no"; not known is not "no". */
static void show_tls(const void *row, const struct look *look,
                     struct field_value *ret_value)
{
    static const char prefix[] = "TLSv";
    const struct pgcensus_transport *transport = transport_of(row);
    if (!transport)
        return;
    const char *tls = *transport->tls ? transport->tls : "no";
    bool has_prefix = strncmp(tls, prefix, strlen(prefix)) == 0;
    buf_add_str(&ret_value->made, has_prefix ? tls + strlen(prefix) : tls);
}

static bool get_latency(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_latency *latency = failure_of(row) ? NULL : latency_of(row);
    return latency && value_number(ret_value, latency->total, latency->total >= 0);
}

/* All that came before the query, if the login was reached. */
static bool get_connect(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_latency *latency = latency_of(row);
    if (!latency || latency->auth < 0)
        return false;
    const nsec phases[] = {latency->resolve, latency->tcp, latency->tls, latency->auth};
    for (size_t i = 0; i < ARRAY_SIZE(phases); i++)
        ret_value->number += phases[i] > 0 ? phases[i] : 0;
    return true;
}

/* ---- what is wrong with it ---- */

static void write_error(const void *row, struct json *json)
{
    json_write_error(json, failure_of(row));
}

static bool get_class(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_failure *failure = failure_of(row);
    return failure &&
           value_string(ret_value, pgcensus_class_name(failure->error_class));
}

static bool get_phase(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_failure *failure = failure_of(row);
    return failure && value_string(ret_value, pgcensus_phase_name(failure->phase));
}

bool check_get_message(const void *row, struct field_value *ret_value)
{
    const struct check_line *line = row;
    if (line->identity)
        add_detail_and_remarks(&ret_value->made, line->identity, line->result,
                               !line->bare);
    else
        buf_add_str(&ret_value->made, line->detail);
    return ret_value->made.len > 0;
}

static void show_message(const void *row, const struct look *look,
                         struct field_value *ret_value)
{
    const struct check_line *line = row;
    check_get_message(row, ret_value);
    if (line->identity && line->more)
        add_added(&ret_value->made, line->result);
}

/* ---- facts ---- */

static bool get_level(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_facts *facts = check_facts_of(row);
    return facts && value_string(ret_value, pgcensus_facts_level_name(facts->level));
}

static bool get_clock(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_facts *facts = check_facts_of(row);
    return facts && value_number(ret_value, facts->clock_offset, facts->clock_known);
}

static bool get_clock_uncertainty(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_facts *facts = check_facts_of(row);
    return facts &&
           value_number(ret_value, facts->clock_uncertainty, facts->clock_known);
}

static bool get_slots_left_out(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_facts *facts = check_facts_of(row);
    return facts && value_number(ret_value, facts->slots_left_out, facts->n_slots >= 0);
}

static bool get_senders_left_out(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_facts *facts = check_facts_of(row);
    return facts &&
           value_number(ret_value, facts->senders_left_out, facts->n_senders >= 0);
}

static bool get_facts_reason(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_node_result *result = check_result_of(row);
    return result && value_text(ret_value, result->facts ? result->facts->hidden
                                                         : result->facts_reason);
}

/* ---- replication ---- */

/* "host:port" as the standby knows it. */
bool check_get_upstream(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_facts *facts = check_facts_of(row);
    if (facts)
        add_upstream(&ret_value->made, facts);
    return ret_value->made.len > 0;
}

bool check_get_receiver(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_facts *facts = check_standby_facts_of(row);
    if (!facts)
        return false;
    return value_string(ret_value, facts->receiver == PGCENSUS_RECEIVER_OTHER
                                       ? facts->receiver_status
                                       : pgcensus_receiver_name(facts->receiver));
}

/* Seconds if they are known, else bytes. */
void check_show_lag(const void *row, const struct look *look,
                    struct field_value *ret_value)
{
    const struct pgcensus_node_result *result = check_result_of(row);
    if (result)
        add_lag(&ret_value->made, result);
}

static bool get_primary(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_lag *lag = check_lag_of(row);
    return lag && lag->primary != SIZE_MAX &&
           value_string(ret_value,
                        pgcensus_fleet_node(line_of(row)->fleet, lag->primary)->name);
}

/* ---- what went before, this round included ---- */

static bool get_state(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_past *past = past_of(row);
    return past && value_string(ret_value, pgcensus_state_name(past->state));
}

/* ---- all of them ---- */

#define RESULT(member_)                                                                \
    .base = check_result_of, MEMBER(struct pgcensus_node_result, member_)
#define TRANSPORT(member_)                                                             \
    .base = transport_of, MEMBER(struct pgcensus_transport, member_)
#define PHASE(member_)                                                                 \
    .unit = UNIT_MILLISECONDS, .base = latency_of,                                     \
    MEMBER(struct pgcensus_latency, member_), .unknown = UNKNOWN_IF_NEGATIVE
#define FACT(member_) .base = check_facts_of, MEMBER(struct pgcensus_facts, member_)
#define STANDBY_FACT(member_)                                                          \
    .base = check_standby_facts_of, MEMBER(struct pgcensus_facts, member_)
#define LAG(member_) .base = check_lag_of, MEMBER(struct pgcensus_lag, member_)
#define PAST(member_) .base = past_of, MEMBER(struct pgcensus_past, member_)

static const struct field fields[] = {
    {FIELD(NULL, "mark", ""), .traits = FIELD_TONED | FIELD_SHAPE, .absent = "",
     .show = check_show_mark},
    {FIELD("node", NULL, "NODE"), .traits = FIELD_FLEXIBLE, .absent = "",
     .base = identity_of, MEMBER(struct pgcensus_identity, name), .show = show_name},
    {IDENTITY(group, "GROUP")},
    {FIELD("labels", NULL, "LABELS"), .traits = FIELD_FLEXIBLE, .absent = "",
     .get = identity_get_labels, .write = identity_write_labels},
    {IDENTITY(host, "HOST"), .traits = FIELD_FLEXIBLE},
    {FIELD("hostaddr", NULL, "HOSTADDR"), RESULT(hostaddr), .unknown = UNKNOWN_IF_ZERO},
    {IDENTITY(port, "PORT"), .unit = UNIT_COUNT},
    {IDENTITY(dbname, "DBNAME")},
    {IDENTITY(user, "USER")},
    {FIELD(NULL, "address", "ADDRESS"), .traits = FIELD_FLEXIBLE, .get = get_address},

    {FIELD("status", NULL, "STATE"), .traits = FIELD_TONED, .absent = "",
     .get = check_get_status},
    {FIELD("role", NULL, "ROLE"), .absent = "?", .get = check_get_role},
    {FIELD("read_only", NULL, "READ_ONLY"), .unit = UNIT_FLAG, RESULT(read_only),
     .unknown = UNKNOWN_IF_NEGATIVE},
    {FIELD("server_version", NULL, "VERSION"), RESULT(server_version),
     .unknown = UNKNOWN_IF_ZERO, .show = show_version},
    {FIELD("server_version_num", NULL, "VERSION_NUM"), .unit = UNIT_COUNT,
     RESULT(server_version_num), .unknown = UNKNOWN_IF_ZERO},

    {FIELD("transport", NULL, NULL), .unit = UNIT_OBJECT, .base = transport_of},
    {FIELD("transport.kind", "transport", "TRANSPORT"), .get = get_transport},
    {FIELD("transport.tls", "tls", "TLS"), TRANSPORT(tls), .unknown = UNKNOWN_IF_ZERO,
     .show = show_tls},
    {FIELD("transport.cipher", "cipher", "CIPHER"), TRANSPORT(cipher),
     .unknown = UNKNOWN_IF_ZERO},
    {FIELD("transport.verified", "verified", "VERIFIED"), TRANSPORT(verified)},
    {FIELD("transport.cert_expires_at", "cert_expires_at", "CERT_EXPIRES_AT"),
     .unit = UNIT_MOMENT, TRANSPORT(cert_expires_at), .unknown = UNKNOWN_IF_ZERO},

    {FIELD("latency_ms", NULL, NULL), .unit = UNIT_OBJECT, .base = latency_of},
    {FIELD("latency_ms.resolve", "resolve_ms", "RESOLVE"), PHASE(resolve)},
    {FIELD("latency_ms.tcp", "tcp_ms", "TCP"), PHASE(tcp)},
    {FIELD("latency_ms.tls", "tls_ms", "HANDSHAKE"), PHASE(tls)},
    {FIELD("latency_ms.auth", "auth_ms", "AUTH"), PHASE(auth)},
    {FIELD("latency_ms.query", "query_ms", "QUERY"), PHASE(query)},
    {FIELD("latency_ms.total", "spent_ms", "SPENT"), PHASE(total)},
    {FIELD("latency_ms.queued", "queued_ms", "QUEUED"), PHASE(queued)},
    {FIELD(NULL, "latency_ms", "LATENCY"), .unit = UNIT_MILLISECONDS,
     .get = get_latency},
    {FIELD(NULL, "connect_ms", "CONNECT"), .unit = UNIT_MILLISECONDS,
     .get = get_connect},
    {FIELD(NULL, "total_ms", "TOTAL"), .unit = UNIT_MILLISECONDS, .get = get_latency},

    {FIELD("attempts", NULL, "ATTEMPTS"), .unit = UNIT_COUNT, RESULT(attempts)},
    {FIELD("error", NULL, NULL), .write = write_error},
    {FIELD(NULL, "error_class", "ERROR"), .get = get_class},
    {FIELD(NULL, "error_phase", "PHASE"), .get = get_phase},
    {FIELD(NULL, "message", "DETAIL"), .traits = FIELD_FLEXIBLE, .absent = "",
     .get = check_get_message, .show = show_message},
    {FIELD("reasons", NULL, NULL), .write = check_write_node_reasons},

    {FIELD("facts", NULL, NULL), .unit = UNIT_OBJECT, .base = check_facts_of},
    {FIELD("facts.level", "facts", "FACTS"), .get = get_level},
    {FIELD("facts.timeline", "timeline", "TL"), .unit = UNIT_COUNT, FACT(timeline),
     .unknown = UNKNOWN_IF_ZERO},
    {FIELD("facts.system_identifier", "system_identifier", "CLUSTER"),
     .unit = UNIT_IDENTIFIER, FACT(system_identifier), .unknown = UNKNOWN_IF_ZERO},
    {FIELD("facts.started_at", "started_at", "STARTED_AT"), .unit = UNIT_MOMENT,
     FACT(started_at), .unknown = UNKNOWN_IF_ZERO},
    {FIELD("facts.uptime_s", "uptime_s", "UPTIME"), .unit = UNIT_SECONDS, FACT(uptime),
     .unknown = UNKNOWN_IF_NEGATIVE},
    {FIELD("facts.connections", NULL, NULL), .unit = UNIT_OBJECT,
     .base = check_facts_of},
    {FIELD("facts.connections.used", "connections", "CONNECTIONS"), .unit = UNIT_COUNT,
     FACT(connections_used), .unknown = UNKNOWN_IF_NEGATIVE},
    {FIELD("facts.connections.used_at_least", "connections_at_least", "AT_LEAST"),
     .unit = UNIT_COUNT, FACT(connections_least), .unknown = UNKNOWN_IF_NEGATIVE},
    {FIELD("facts.connections.max", "connections_max", "MAX_CONNECTIONS"),
     .unit = UNIT_COUNT, FACT(connections_max), .unknown = UNKNOWN_IF_NEGATIVE},
    {FIELD("facts.connections.reserved", "connections_reserved", "RESERVED"),
     .unit = UNIT_COUNT, FACT(connections_reserved), .unknown = UNKNOWN_IF_NEGATIVE},
    {FIELD("facts.connections.own", "connections_own", "OWN"), .unit = UNIT_COUNT,
     FACT(connections_own)},
    {FIELD("facts.wal_lsn", "wal_lsn", "WAL"), .unit = UNIT_LSN, FACT(wal),
     .unknown = UNKNOWN_IF_ZERO},
    {FIELD("facts.clock_offset_ms", "clock_offset_ms", "CLOCK_OFFSET"),
     .unit = UNIT_MILLISECONDS, .get = get_clock},
    {FIELD("facts.clock_uncertainty_ms", "clock_uncertainty_ms", "CLOCK_UNCERTAINTY"),
     .unit = UNIT_MILLISECONDS, .get = get_clock_uncertainty},
    {FIELD("facts.slots", NULL, NULL), .write = check_write_slots},
    {FIELD("facts.slots_left_out", NULL, NULL), .unit = UNIT_COUNT,
     .get = get_slots_left_out},
    {FIELD("facts.senders", NULL, NULL), .write = check_write_senders},
    {FIELD("facts.senders_left_out", NULL, NULL), .unit = UNIT_COUNT,
     .get = get_senders_left_out},

    {FIELD("facts.replication", NULL, NULL), .unit = UNIT_OBJECT, .base = check_lag_of},
    {FIELD("facts.replication.upstream", "upstream", "UPSTREAM"),
     .get = check_get_upstream},
    {FIELD("facts.replication.receiver", "receiver", "RECEIVER"),
     .get = check_get_receiver},
    {FIELD("facts.replication.slot", "slot", "SLOT"), STANDBY_FACT(receiver_slot),
     .unknown = UNKNOWN_IF_ZERO},
    {FIELD("facts.replication.receive_lsn", "receive_lsn", "RECEIVED"),
     .unit = UNIT_LSN, STANDBY_FACT(received), .unknown = UNKNOWN_IF_ZERO},
    {FIELD("facts.replication.replay_lsn", "replay_lsn", "REPLAYED"), .unit = UNIT_LSN,
     STANDBY_FACT(replayed), .unknown = UNKNOWN_IF_ZERO},
    {FIELD("facts.replication.receive_lag_bytes", "receive_lag_bytes", "RECEIVE_LAG"),
     .unit = UNIT_BYTES, LAG(receive), .unknown = UNKNOWN_IF_NEGATIVE},
    {FIELD("facts.replication.replay_lag_bytes", "replay_lag_bytes", "REPLAY_LAG"),
     .unit = UNIT_BYTES, LAG(replay), .unknown = UNKNOWN_IF_NEGATIVE},
    {FIELD("facts.replication.replay_lag_s", "replay_lag_s", "LAG"),
     .unit = UNIT_SECONDS, LAG(time), .unknown = UNKNOWN_IF_NEGATIVE,
     .show = check_show_lag},
    {FIELD("facts.replication.lag_reason", "lag_reason", "LAG_REASON"), LAG(reason)},
    {FIELD("facts.replication.replay_paused", "replay_paused", "PAUSED"),
     .unit = UNIT_FLAG, STANDBY_FACT(paused), .unknown = UNKNOWN_IF_NEGATIVE},
    {FIELD("facts.replication.apply_delay_s", "apply_delay_s", "APPLY_DELAY"),
     .unit = UNIT_SECONDS, STANDBY_FACT(apply_delay), .unknown = UNKNOWN_IF_NEGATIVE},
    {FIELD("facts.replication.sampled_skew_ms", "sampled_skew_ms", "SKEW"),
     .unit = UNIT_MILLISECONDS, LAG(skew), .unknown = UNKNOWN_IF_NEGATIVE},
    {FIELD("facts.replication.primary", "primary", "PRIMARY"), .get = get_primary},
    {FIELD("facts_reason", NULL, "FACTS_REASON"), .traits = FIELD_FLEXIBLE,
     .get = get_facts_reason},
    {FIELD("facts_missing", NULL, NULL), .write = check_write_missing},

    {FIELD("past", NULL, NULL), .unit = UNIT_OBJECT, .base = past_of},
    {FIELD("past.state", "past", "PAST"), .get = get_state},
    {FIELD("past.since", "since", "SINCE"), .unit = UNIT_MOMENT, PAST(since)},
    {FIELD("past.consecutive_failures", "failures", "FAILURES"), .unit = UNIT_COUNT,
     PAST(failures)},
    {FIELD("past.consecutive_successes", "successes", "SUCCESSES"), .unit = UNIT_COUNT,
     PAST(successes)},
    {FIELD("past.changes", "changes", "CHANGES"), .unit = UNIT_COUNT, PAST(changes)},
    {FIELD("past.flapping", "flapping", "FLAPPING"), .unit = UNIT_FLAG, PAST(flapping)},
};

static const char middle[] = "mark,node,role,state,latency,lag,detail";

const struct field_table check_fields = {
    .fields = fields,
    .n = ARRAY_SIZE(fields),
    .rows = "node,group,host,port,status,role,latency_ms,error_class,message",
    .by_width = {{120, "mark,node,address,role,state,connect,query,total,lag,version,"
                       "tls,detail"},
                 {60, middle},
                 {0, "mark,node,state,latency,lag"}}, /* details below the table */
    .unlimited = middle,
    .expanded = "node,address,role,state,connect,query,total,lag,version,tls,detail",
    .unaligned = "node,role,state,latency,lag,detail",
    .absent = "-",
    .tone = check_tone,
};

/* The words of pgcensus for its own enums: the values of the JSON documents.
 *
 * Switches rather than arrays: the compiler then names a new enumerator without
 * a word. */
#include <pgcensus/fleet.h>
#include <pgcensus/status.h>
#include <string.h>

const char *pgcensus_status_name(enum pgcensus_status status)
{
    switch (status) {
    case PGCENSUS_UNKNOWN:
        return "unknown";
    case PGCENSUS_OK:
        return "ok";
    case PGCENSUS_WARN:
        return "warn";
    case PGCENSUS_DOWN:
        return "down";
    case PGCENSUS_DISABLED:
        return "disabled";
    }
    return NULL;
}

const char *pgcensus_state_name(enum pgcensus_state state)
{
    switch (state) {
    case PGCENSUS_CONNECTING:
        return "connecting";
    case PGCENSUS_HEALTHY:
        return "healthy";
    case PGCENSUS_UNHEALTHY:
        return "unhealthy";
    case PGCENSUS_RECONNECTING:
        return "reconnecting";
    case PGCENSUS_FAILED:
        return "failed";
    case PGCENSUS_SUSPENDED:
        return "suspended";
    case PGCENSUS_DISCONNECTED:
        return "disconnected";
    }
    return NULL;
}

const char *pgcensus_facts_level_name(enum pgcensus_facts_level level)
{
    switch (level) {
    case PGCENSUS_FACTS_NONE:
        return "none";
    case PGCENSUS_FACTS_BASIC:
        return "basic";
    case PGCENSUS_FACTS_FULL:
        return "full";
    }
    return NULL;
}

const char *pgcensus_facts_part_name(enum pgcensus_facts_part part)
{
    static const char *const names[PGCENSUS_PARTS] = {
        [PGCENSUS_PART_ROLE] = "role",
        [PGCENSUS_PART_CLOCK] = "clock",
        [PGCENSUS_PART_UPTIME] = "uptime",
        [PGCENSUS_PART_CONNECTIONS] = "connections",
        [PGCENSUS_PART_IDENTITY] = "identity",
        [PGCENSUS_PART_TIMELINE] = "timeline",
        [PGCENSUS_PART_WAL] = "wal",
        [PGCENSUS_PART_RECEIVED] = "received",
        [PGCENSUS_PART_REPLAYED] = "replayed",
        [PGCENSUS_PART_COMMIT] = "commit",
        [PGCENSUS_PART_PAUSE] = "pause",
        [PGCENSUS_PART_RECEIVER] = "receiver",
        [PGCENSUS_PART_SLOTS] = "slots",
        [PGCENSUS_PART_SENDERS] = "senders",
    };
    return part < PGCENSUS_PARTS ? names[part] : NULL;
}

const char *pgcensus_receiver_name(enum pgcensus_receiver receiver)
{
    switch (receiver) {
    case PGCENSUS_RECEIVER_UNKNOWN:
        return NULL;
    case PGCENSUS_RECEIVER_NONE:
        return "none";
    case PGCENSUS_RECEIVER_RUNNING:
        return "running";
    case PGCENSUS_RECEIVER_STREAMING:
        return "streaming";
    case PGCENSUS_RECEIVER_OTHER:
        return "other";
    }
    return NULL;
}

const char *pgcensus_role_name(enum pgcensus_role role)
{
    switch (role) {
    case PGCENSUS_ROLE_UNKNOWN:
        return NULL;
    case PGCENSUS_PRIMARY:
        return "primary";
    case PGCENSUS_STANDBY:
        return "standby";
    }
    return NULL;
}

bool pgcensus_role_find(const char *name, enum pgcensus_role *ret_role)
{
    static const enum pgcensus_role roles[] = {PGCENSUS_PRIMARY, PGCENSUS_STANDBY};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp(name, pgcensus_role_name(roles[i])) == 0) {
            *ret_role = roles[i];
            return true;
        }
    return false;
}

const char *pgcensus_class_name(enum pgcensus_class error_class)
{
    switch (error_class) {
    case PGCENSUS_CLASS_NONE:
        return NULL;
    case PGCENSUS_CLASS_DNS:
        return "dns";
    case PGCENSUS_CLASS_REFUSED:
        return "refused";
    case PGCENSUS_CLASS_UNREACHABLE:
        return "unreachable";
    case PGCENSUS_CLASS_TIMEOUT:
        return "timeout";
    case PGCENSUS_CLASS_TLS:
        return "tls";
    case PGCENSUS_CLASS_AUTH:
        return "auth";
    case PGCENSUS_CLASS_CONFIG:
        return "config";
    case PGCENSUS_CLASS_NOT_READY:
        return "not_ready";
    case PGCENSUS_CLASS_SATURATED:
        return "saturated";
    case PGCENSUS_CLASS_LOST:
        return "lost";
    case PGCENSUS_CLASS_PROTOCOL:
        return "protocol";
    case PGCENSUS_CLASS_QUERY:
        return "query";
    case PGCENSUS_CLASS_LIMIT:
        return "limit";
    case PGCENSUS_CLASS_CANCELLED:
        return "cancelled";
    case PGCENSUS_CLASS_LOCAL:
        return "local";
    case PGCENSUS_CLASS_INTERNAL:
        return "internal";
    }
    return NULL;
}

const char *pgcensus_phase_name(enum pgcensus_phase phase)
{
    switch (phase) {
    case PGCENSUS_PHASE_NONE:
        return NULL;
    case PGCENSUS_PHASE_RESOLVE:
        return "resolve";
    case PGCENSUS_PHASE_CONNECT:
        return "connect";
    case PGCENSUS_PHASE_TLS:
        return "tls";
    case PGCENSUS_PHASE_AUTH:
        return "auth";
    case PGCENSUS_PHASE_QUERY:
        return "query";
    case PGCENSUS_PHASE_STREAM:
        return "stream";
    }
    return NULL;
}

const char *pgcensus_subject_name(enum pgcensus_subject subject)
{
    switch (subject) {
    case PGCENSUS_SUBJECT_NONE:
        break;
    case PGCENSUS_SUBJECT_FACTS:
        return "PGCENSUS_FACTS_FULL";
    case PGCENSUS_SUBJECT_MAX_ROWS:
        return "max_rows";
    case PGCENSUS_SUBJECT_MAX_BYTES:
        return "max_bytes";
    case PGCENSUS_SUBJECT_READER_TIMEOUT:
        return "reader_timeout";
    case PGCENSUS_SUBJECT_FAIL_FAST:
        return "fail_fast";
    case PGCENSUS_SUBJECT_PARAMS:
        return "params";
    case PGCENSUS_SUBJECT_DIFF:
        return "diff";
    case PGCENSUS_SUBJECT_KEY:
        return "key";
    case PGCENSUS_SUBJECT_REDUCE:
        return "reduce";
    }
    return NULL;
}

const char *pgcensus_trouble_name(enum pgcensus_trouble trouble)
{
    switch (trouble) {
    case PGCENSUS_TROUBLE_NONE:
        return NULL;
    case PGCENSUS_TROUBLE_USAGE:
        return "usage";
    case PGCENSUS_TROUBLE_CONFIG:
        return "config";
    case PGCENSUS_TROUBLE_SELECTION:
        return "selection";
    case PGCENSUS_TROUBLE_OUTPUT:
    case PGCENSUS_TROUBLE_READER:
        return "output";
    case PGCENSUS_TROUBLE_MEMORY:
        return "memory";
    case PGCENSUS_TROUBLE_SYSTEM:
        return "system";
    case PGCENSUS_TROUBLE_INTERRUPTED:
        return "interrupted";
    case PGCENSUS_TROUBLE_INTERNAL:
        return "internal";
    }
    return NULL;
}

const char *pgcensus_event_name(enum pgcensus_event_kind kind)
{
    switch (kind) {
    case PGCENSUS_EVENT_NONE:
        return NULL;
    case PGCENSUS_EVENT_NODE_ADDED:
        return "node.added";
    case PGCENSUS_EVENT_NODE_REMOVED:
        return "node.removed";
    case PGCENSUS_EVENT_NODE_CONNECTED:
        return "node.connected";
    case PGCENSUS_EVENT_NODE_DISCONNECTED:
        return "node.disconnected";
    case PGCENSUS_EVENT_NODE_HEALTH:
        return "node.health";
    case PGCENSUS_EVENT_CHECK_OK:
        return "check.ok";
    case PGCENSUS_EVENT_CHECK_FAILED:
        return "check.failed";
    case PGCENSUS_EVENT_RETRY_SCHEDULED:
        return "retry.scheduled";
    case PGCENSUS_EVENT_RETRY_EXHAUSTED:
        return "retry.exhausted";
    }
    return NULL;
}

const char *pgcensus_failure_detail(const struct pgcensus_failure *failure)
{
    return failure->detail_at ? failure->message + failure->detail_at : NULL;
}

const char *pgcensus_failure_hint(const struct pgcensus_failure *failure)
{
    return failure->hint_at ? failure->message + failure->hint_at : NULL;
}

/* How severe a status is; the enum's own order is that of the JSON schema. */
static int weight(enum pgcensus_status status)
{
    switch (status) {
    case PGCENSUS_DISABLED:
        return 0;
    case PGCENSUS_OK:
        return 1;
    case PGCENSUS_UNKNOWN:
        return 2;
    case PGCENSUS_WARN:
        return 3;
    case PGCENSUS_DOWN:
        return 4;
    }
    return 2;
}

enum pgcensus_status pgcensus_status_worst(enum pgcensus_status a,
                                           enum pgcensus_status b)
{
    return weight(a) >= weight(b) ? a : b;
}

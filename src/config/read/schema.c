/* The shape of the YAML, as libcyaml wants it.
 *
 * The surprise: a block such as pool: has no struct of its own.  It is bound at offset
 * 0 of the mapping that it stands in, so that every text, however deep, lands in
 * raw.text[] under its key, and reading, inheriting and showing need no second shape.
 *
 * libcyaml does not type-check schemas: a wrong offset writes past the struct.  Hence
 * one test that sets every key. */
#include "config/read/schema.h"

#define TEXT_FLAGS(name, key_id, more_flags)                                           \
    {                                                                                  \
        .key = (name),                                                                 \
        .data_offset = offsetof(struct raw, text) + (key_id) * sizeof(char *),         \
        .value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER | (more_flags), char *, 1,     \
                                     CYAML_UNLIMITED)},                                \
    }
#define TEXT(name, key_id) TEXT_FLAGS(name, key_id, CYAML_FLAG_OPTIONAL)
#define REQUIRED(name, key_id) TEXT_FLAGS(name, key_id, 0)

#define BLOCK(name, fields_)                                                           \
    {                                                                                  \
        .key = (name), .data_offset = 0, .value = {                                    \
            CYAML_VALUE_MAPPING(CYAML_FLAG_OPTIONAL, struct raw, fields_)              \
        }                                                                              \
    }

static const cyaml_schema_field_t pool_fields[] = {
    TEXT("min", KEY_POOL_MIN),
    TEXT("max", KEY_POOL_MAX),
    TEXT("idle_timeout", KEY_POOL_IDLE_TIMEOUT),
    TEXT("max_lifetime", KEY_POOL_MAX_LIFETIME),
    TEXT("acquire_timeout", KEY_POOL_ACQUIRE_TIMEOUT),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t limits_fields[] = {
    TEXT("max_rows", KEY_LIMITS_MAX_ROWS),
    TEXT("max_bytes", KEY_LIMITS_MAX_BYTES),
    TEXT("max_row_bytes", KEY_LIMITS_MAX_ROW_BYTES),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t check_fields[] = {
    TEXT("interval", KEY_CHECK_INTERVAL),
    TEXT("fast_interval", KEY_CHECK_FAST_INTERVAL),
    TEXT("timeout", KEY_CHECK_TIMEOUT),
    TEXT("fall", KEY_CHECK_FALL),
    TEXT("rise", KEY_CHECK_RISE),
    TEXT("query", KEY_CHECK_QUERY),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t retry_fields[] = {
    TEXT("max_retries", KEY_RETRY_MAX_RETRIES),
    TEXT("initial", KEY_RETRY_INITIAL),
    TEXT("max", KEY_RETRY_MAX),
    TEXT("multiplier", KEY_RETRY_MULTIPLIER),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t reconnect_fields[] = {
    TEXT("strategy", KEY_RECONNECT_STRATEGY),
    TEXT("initial", KEY_RECONNECT_INITIAL),
    TEXT("max", KEY_RECONNECT_MAX),
    TEXT("multiplier", KEY_RECONNECT_MULTIPLIER),
    TEXT("increment", KEY_RECONNECT_INCREMENT),
    TEXT("jitter", KEY_RECONNECT_JITTER),
    TEXT("max_attempts", KEY_RECONNECT_MAX_ATTEMPTS),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t breaker_fields[] = {
    TEXT("threshold", KEY_BREAKER_THRESHOLD),
    TEXT("timeout", KEY_BREAKER_TIMEOUT),
    CYAML_FIELD_END,
};

#define LIMITS(metric)                                                                 \
    {                                                                                  \
        TEXT("warn", KEY_THRESHOLDS_##metric##_WARN),                                  \
            TEXT("critical", KEY_THRESHOLDS_##metric##_CRITICAL), CYAML_FIELD_END,     \
    }

static const cyaml_schema_field_t latency_fields[] = LIMITS(LATENCY);
static const cyaml_schema_field_t lag_bytes_fields[] = LIMITS(LAG_BYTES);
static const cyaml_schema_field_t lag_seconds_fields[] = LIMITS(LAG_SECONDS);
static const cyaml_schema_field_t connections_fields[] = LIMITS(CONNECTIONS);
static const cyaml_schema_field_t clock_offset_fields[] = LIMITS(CLOCK_OFFSET);
static const cyaml_schema_field_t slot_retained_fields[] = LIMITS(SLOT_RETAINED);
static const cyaml_schema_field_t cert_expiry_fields[] = LIMITS(CERT_EXPIRY);
static const cyaml_schema_field_t uptime_fields[] = LIMITS(UPTIME);

static const cyaml_schema_field_t threshold_fields[] = {
    BLOCK("latency", latency_fields),
    BLOCK("lag_bytes", lag_bytes_fields),
    BLOCK("lag_seconds", lag_seconds_fields),
    BLOCK("connections", connections_fields),
    BLOCK("clock_offset", clock_offset_fields),
    BLOCK("slot_retained", slot_retained_fields),
    BLOCK("cert_expiry", cert_expiry_fields),
    BLOCK("uptime", uptime_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t require_fields[] = {
    TEXT("primaries", KEY_REQUIRE_PRIMARIES),
    TEXT("standbys", KEY_REQUIRE_STANDBYS),
    TEXT("min_healthy", KEY_REQUIRE_MIN_HEALTHY),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t label_value = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, CYAML_UNLIMITED)};

/* What defaults, groups and nodes have in common. */
/* clang-format off */
#define SHARED_FIELDS                                                                  \
    TEXT("host", KEY_HOST),                                                            \
    TEXT("hostaddr", KEY_HOSTADDR),                                                    \
    TEXT("port", KEY_PORT),                                                            \
    TEXT("dbname", KEY_DBNAME),                                                        \
    TEXT("user", KEY_USER),                                                            \
    TEXT("password", KEY_PASSWORD),                                                    \
    TEXT("password_file", KEY_PASSWORD_FILE),                                          \
    TEXT("passfile", KEY_PASSFILE),                                                    \
    TEXT("service", KEY_SERVICE),                                                      \
    TEXT("enabled", KEY_ENABLED),                                                      \
    TEXT("via", KEY_VIA),                                                              \
    TEXT("protocol", KEY_PROTOCOL),                                                    \
    TEXT("expect_role", KEY_EXPECT_ROLE),                                              \
    TEXT("expect", KEY_EXPECT),                                                        \
    TEXT("role_mismatch", KEY_ROLE_MISMATCH),                                          \
    TEXT("allow_write", KEY_ALLOW_WRITE),                                              \
    TEXT("connect_timeout", KEY_CONNECT_TIMEOUT),                                      \
    TEXT("query_timeout", KEY_QUERY_TIMEOUT),                                          \
    TEXT("sslmode", KEY_SSLMODE),                                                      \
    TEXT("sslmode_min", KEY_SSLMODE_MIN),                                              \
    TEXT("sslrootcert", KEY_SSLROOTCERT),                                              \
    TEXT("sslcert", KEY_SSLCERT),                                                      \
    TEXT("sslkey", KEY_SSLKEY),                                                        \
    TEXT("sslpassword", KEY_SSLPASSWORD),                                              \
    TEXT("sslcertmode", KEY_SSLCERTMODE),                                              \
    TEXT("sslcrl", KEY_SSLCRL),                                                        \
    TEXT("sslcrldir", KEY_SSLCRLDIR),                                                  \
    TEXT("sslsni", KEY_SSLSNI),                                                        \
    TEXT("ssl_min_protocol_version", KEY_SSL_MIN_PROTOCOL_VERSION),                    \
    TEXT("ssl_max_protocol_version", KEY_SSL_MAX_PROTOCOL_VERSION),                    \
    TEXT("channel_binding", KEY_CHANNEL_BINDING),                                      \
    TEXT("require_auth", KEY_REQUIRE_AUTH),                                            \
    TEXT("requirepeer", KEY_REQUIREPEER),                                              \
    TEXT("max_scram_iterations", KEY_MAX_SCRAM_ITERATIONS),                            \
    TEXT("gssencmode", KEY_GSSENCMODE),                                                \
    TEXT("gssdelegation", KEY_GSSDELEGATION),                                          \
    TEXT("krbsrvname", KEY_KRBSRVNAME),                                                \
    TEXT("application_name", KEY_APPLICATION_NAME),                                    \
    TEXT("keepalives", KEY_KEEPALIVES),                                                \
    TEXT("keepalives_idle", KEY_KEEPALIVES_IDLE),                                      \
    TEXT("keepalives_interval", KEY_KEEPALIVES_INTERVAL),                              \
    TEXT("keepalives_count", KEY_KEEPALIVES_COUNT),                                    \
    TEXT("tcp_user_timeout", KEY_TCP_USER_TIMEOUT),                                    \
    BLOCK("pool", pool_fields),                                                        \
    BLOCK("limits", limits_fields),                                                    \
    BLOCK("check", check_fields),                                                      \
    BLOCK("retry", retry_fields),                                                      \
    BLOCK("reconnect", reconnect_fields),                                              \
    BLOCK("breaker", breaker_fields),                                                  \
    BLOCK("thresholds", threshold_fields),                                             \
    CYAML_FIELD_SEQUENCE_COUNT("labels", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,     \
                               struct raw, labels, n_labels, &label_value, 0,          \
                               MOST_LABELS)
/* clang-format on */

static const cyaml_schema_field_t defaults_fields[] = {SHARED_FIELDS, CYAML_FIELD_END};

const cyaml_schema_field_t schema_node_fields[] = {
    REQUIRED("name", KEY_NAME),
    TEXT("group", KEY_GROUP),
    SHARED_FIELDS,
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t group_fields[] = {
    REQUIRED("name", KEY_NAME),
    BLOCK("require", require_fields),
    BLOCK("thresholds", threshold_fields),
    CYAML_FIELD_MAPPING("defaults", CYAML_FLAG_OPTIONAL, struct raw_group, defaults,
                        defaults_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t group_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_group, group_fields)};

static const cyaml_schema_value_t node_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw, schema_node_fields)};

static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_STRING_PTR("version", CYAML_FLAG_OPTIONAL, struct raw_file, version, 1,
                           CYAML_UNLIMITED),
    CYAML_FIELD_MAPPING("defaults", CYAML_FLAG_OPTIONAL, struct raw_file, defaults,
                        defaults_fields),
    CYAML_FIELD_SEQUENCE_COUNT("groups", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                               struct raw_file, groups, n_groups, &group_value, 0,
                               MOST_GROUPS),
    /* At least one: an empty list watches nothing and would call that fine. */
    CYAML_FIELD_SEQUENCE_COUNT("nodes", CYAML_FLAG_POINTER, struct raw_file, nodes,
                               n_nodes, &node_value, 1, MOST_NODES_IN_FILE),
    CYAML_FIELD_END,
};

const cyaml_schema_value_t schema_file = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw_file, file_fields)};

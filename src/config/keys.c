/* The keys, row by row.
 *
 * A row holds everything that is particular to a key, so that reading, inheriting,
 * checking and showing are loops that know none of them by name. */
#include "config/keys.h"

#include "base/clock.h"
#include "base/text.h"
#include "health/backoff.h"
#include "pg/target.h"

#include <string.h>

#define YEAR (365 * 86400 * NSEC_PER_SEC)
/* What becomes a statement_timeout of the server is an int of milliseconds there, 24.8
 * days, and an hour of it may be ours (query/sending.c). */
#define LONGEST_STATEMENT (24 * 86400 * NSEC_PER_SEC)
#define TEXT_OF_(number) #number
#define TEXT_OF(number) TEXT_OF_(number)

#define SSLMODES                                                                       \
    {                                                                                  \
        [PG_SSL_DISABLE] = "disable", [PG_SSL_PREFER] = "prefer",                      \
        [PG_SSL_REQUIRE] = "require", [PG_SSL_VERIFY_CA] = "verify-ca",                \
        [PG_SSL_VERIFY_FULL] = "verify-full",                                          \
    }
#define LENIENT                                                                        \
    {                                                                                  \
        "disable", "prefer", "require"                                                 \
    }
/* Older versions of TLS are broken; libpq refuses them by default, and so do we. */
#define TLS_VERSIONS                                                                   \
    {                                                                                  \
        "TLSv1.2", "TLSv1.3"                                                           \
    }
#define TIME(shortest, longest)                                                        \
    .kind = KIND_DURATION, .min = (shortest), .max = (longest)
#define COUNT(least, most) .kind = KIND_COUNT, .min = (least), .max = (most)
#define FACTOR .kind = KIND_RATIO, .min = 1, .max = 100
#define LIBPQ .libpq = true
#define KEYWORD .libpq = true, .keyword = true

static const struct key_row rows[KEY_COUNT] = {
    [KEY_NAME] = {"name", KIND_NAME, .fixed = true},
    [KEY_GROUP] = {"group", KIND_NAME, .fixed = true},
    [KEY_ENABLED] = {"enabled", KIND_BOOLEAN, "true"},
    [KEY_VIA] = {"via", KIND_CHOICE, "direct",
                 .choices = {"direct", "pooler", "console"}},
    [KEY_PROTOCOL] = {"protocol", KIND_CHOICE, "extended",
                      .choices = {"extended", "simple"}},
    [KEY_EXPECT_ROLE] = {"expect_role", KIND_CHOICE, .choices = {"primary", "standby"}},
    [KEY_EXPECT] = {"expect", KIND_CHOICE, "stream", .choices = {"stream", "archive"}},
    [KEY_ROLE_MISMATCH] = {"role_mismatch", KIND_CHOICE, "warn",
                           .choices = {"warn", "critical"}},
    [KEY_ALLOW_WRITE] = {"allow_write", KIND_BOOLEAN, "false"},

    [KEY_HOST] = {"host", KIND_HOST, LIBPQ},
    [KEY_HOSTADDR] = {"hostaddr", KIND_ADDRESS, LIBPQ},
    [KEY_PORT] = {"port", KIND_PORT, "5432", 1, 65535, LIBPQ},
    [KEY_DBNAME] = {"dbname", KIND_DBNAME, "postgres", LIBPQ},
    [KEY_USER] = {"user", KIND_TEXT, LIBPQ, .variable = "PGUSER"},
    [KEY_PASSFILE] = {"passfile", KIND_PATH, LIBPQ},
    [KEY_PASSWORD_FILE] = {"password_file", KIND_SECRET_FILE},
    [KEY_PASSWORD] = {"password", KIND_SECRET, LIBPQ, .variable = "PGPASSWORD"},
    [KEY_SERVICE] = {"service", KIND_TEXT, LIBPQ},
    [KEY_CONNECT_TIMEOUT] = {"connect_timeout", .builtin = "5s", LIBPQ,
                             TIME(NSEC_PER_MSEC, LONGEST_STATEMENT),
                             .unit = NSEC_PER_SEC},
    [KEY_QUERY_TIMEOUT] = {"query_timeout", .builtin = "30s",
                           TIME(NSEC_PER_MSEC, LONGEST_STATEMENT)},

    [KEY_SSLMODE] = {"sslmode", KIND_CHOICE, "prefer", LIBPQ, .choices = SSLMODES},
    [KEY_SSLMODE_MIN] = {"sslmode_min", KIND_CHOICE, .choices = SSLMODES},
    [KEY_SSLROOTCERT] = {"sslrootcert", KIND_PATH, KEYWORD,
                         .variable = "PGSSLROOTCERT"},
    [KEY_SSLCERT] = {"sslcert", KIND_PATH, KEYWORD, .variable = "PGSSLCERT"},
    [KEY_SSLKEY] = {"sslkey", KIND_PATH, KEYWORD, .variable = "PGSSLKEY"},
    [KEY_SSLPASSWORD] = {"sslpassword", KIND_SECRET, KEYWORD},
    [KEY_SSLCERTMODE] = {"sslcertmode", KIND_CHOICE, KEYWORD, .since = 16,
                         .choices = {"disable", "allow", "require"}},
    [KEY_SSLCRL] = {"sslcrl", KIND_PATH, KEYWORD, .variable = "PGSSLCRL"},
    [KEY_SSLCRLDIR] = {"sslcrldir", KIND_PATH, KEYWORD, .variable = "PGSSLCRLDIR"},
    [KEY_SSLSNI] = {"sslsni", KIND_BOOLEAN, KEYWORD, .since = 14},
    [KEY_SSL_MIN_PROTOCOL_VERSION] = {"ssl_min_protocol_version", KIND_CHOICE, KEYWORD,
                                      .choices = TLS_VERSIONS},
    [KEY_SSL_MAX_PROTOCOL_VERSION] = {"ssl_max_protocol_version", KIND_CHOICE, KEYWORD,
                                      .choices = TLS_VERSIONS},
    [KEY_CHANNEL_BINDING] = {"channel_binding", KIND_CHOICE, KEYWORD,
                             .choices = LENIENT},
    [KEY_REQUIRE_AUTH] = {"require_auth", KIND_AUTH_METHODS, KEYWORD, .since = 16},
    [KEY_REQUIREPEER] = {"requirepeer", KIND_TEXT, KEYWORD},
    [KEY_MAX_SCRAM_ITERATIONS] = {"max_scram_iterations", .builtin = "200000",
                                  COUNT(4096, INT32_MAX)},
    [KEY_GSSENCMODE] = {"gssencmode", KIND_CHOICE, KEYWORD, .choices = LENIENT},
    [KEY_GSSDELEGATION] = {"gssdelegation", KIND_BOOLEAN, KEYWORD, .since = 16},
    [KEY_KRBSRVNAME] = {"krbsrvname", KIND_TEXT, KEYWORD},

    [KEY_APPLICATION_NAME] = {"application_name", KIND_TEXT, KEYWORD,
                              .variable = "PGAPPNAME"},
    [KEY_KEEPALIVES] = {"keepalives", KIND_BOOLEAN, KEYWORD},
    [KEY_KEEPALIVES_IDLE] = {"keepalives_idle", TIME(0, 32767 * NSEC_PER_SEC), KEYWORD,
                             .unit = NSEC_PER_SEC},
    [KEY_KEEPALIVES_INTERVAL] = {"keepalives_interval", TIME(0, 32767 * NSEC_PER_SEC),
                                 KEYWORD, .unit = NSEC_PER_SEC},
    [KEY_KEEPALIVES_COUNT] = {"keepalives_count", COUNT(0, 127), KEYWORD},
    [KEY_TCP_USER_TIMEOUT] = {"tcp_user_timeout", TIME(0, INT32_MAX *NSEC_PER_MSEC),
                              KEYWORD, .unit = NSEC_PER_MSEC},

    [KEY_POOL_MIN] = {"pool.min", .builtin = "1", COUNT(0, 1000)},
    [KEY_POOL_MAX] = {"pool.max", .builtin = "4", COUNT(1, 1000)},
    [KEY_POOL_IDLE_TIMEOUT] = {"pool.idle_timeout", .builtin = "60s", TIME(0, YEAR)},
    [KEY_POOL_MAX_LIFETIME] = {"pool.max_lifetime", .builtin = "30m", TIME(0, YEAR)},
    [KEY_POOL_ACQUIRE_TIMEOUT] = {"pool.acquire_timeout", .builtin = "5s",
                                  TIME(NSEC_PER_MSEC, YEAR)},

    [KEY_LIMITS_MAX_ROWS] = {"limits.max_rows", .builtin = "0", COUNT(0, INT32_MAX)},
    [KEY_LIMITS_MAX_BYTES] = {"limits.max_bytes", KIND_SIZE, "0", 0, INT64_MAX},
    [KEY_LIMITS_MAX_ROW_BYTES] = {"limits.max_row_bytes", KIND_SIZE, "64MB", 1024,
                                  INT32_MAX},

    [KEY_CHECK_INTERVAL] = {"check.interval", .builtin = "5s",
                            TIME(10 * NSEC_PER_MSEC, YEAR)},
    [KEY_CHECK_FAST_INTERVAL] = {"check.fast_interval", .builtin = "500ms",
                                 TIME(10 * NSEC_PER_MSEC, YEAR)},
    [KEY_CHECK_TIMEOUT] = {"check.timeout", .builtin = "1s",
                           TIME(NSEC_PER_MSEC, LONGEST_STATEMENT)},
    [KEY_CHECK_FALL] = {"check.fall", .builtin = "3", COUNT(1, 1000)},
    [KEY_CHECK_RISE] = {"check.rise", .builtin = "1", COUNT(1, 1000)},
    [KEY_CHECK_QUERY] = {"check.query", KIND_STATEMENT, "SELECT 1"},

    [KEY_RETRY_MAX_RETRIES] = {"retry.max_retries", .builtin = "0", COUNT(0, 100)},
    [KEY_RETRY_INITIAL] = {"retry.initial", .builtin = "100ms", TIME(0, YEAR)},
    [KEY_RETRY_MAX] = {"retry.max", .builtin = "5s", TIME(0, YEAR)},
    [KEY_RETRY_MULTIPLIER] = {"retry.multiplier", .builtin = "2.0", FACTOR},

    [KEY_RECONNECT_STRATEGY] = {"reconnect.strategy", KIND_CHOICE, "exponential",
                                .choices = {[BACKOFF_EXPONENTIAL] = "exponential",
                                            [BACKOFF_LINEAR] = "linear",
                                            [BACKOFF_FIXED] = "fixed",
                                            [BACKOFF_ADAPTIVE] = "adaptive"}},
    [KEY_RECONNECT_INITIAL] = {"reconnect.initial", .builtin = "1s",
                               TIME(NSEC_PER_MSEC, YEAR)},
    [KEY_RECONNECT_MAX] = {"reconnect.max", .builtin = "30s",
                           TIME(NSEC_PER_MSEC, YEAR)},
    [KEY_RECONNECT_MULTIPLIER] = {"reconnect.multiplier", .builtin = "2.0", FACTOR},
    [KEY_RECONNECT_INCREMENT] = {"reconnect.increment", .builtin = "1s", TIME(0, YEAR)},
    [KEY_RECONNECT_JITTER] = {"reconnect.jitter", KIND_SHARE, "20%"},
    [KEY_RECONNECT_MAX_ATTEMPTS] = {"reconnect.max_attempts", .builtin = "0",
                                    COUNT(0, INT32_MAX)},

    [KEY_BREAKER_THRESHOLD] = {"breaker.threshold", .builtin = "5", COUNT(1, 1000),
                               .block = "breaker"},
    [KEY_BREAKER_TIMEOUT] = {"breaker.timeout", .builtin = "30s",
                             TIME(NSEC_PER_MSEC, YEAR), .block = "breaker"},

#define LIMIT(of) KIND_RANGE, .metric = PGCENSUS_METRIC_##of
    [KEY_THRESHOLDS_LATENCY_WARN] = {"thresholds.latency.warn", LIMIT(LATENCY)},
    [KEY_THRESHOLDS_LATENCY_CRITICAL] = {"thresholds.latency.critical", LIMIT(LATENCY)},
    [KEY_THRESHOLDS_LAG_BYTES_WARN] = {"thresholds.lag_bytes.warn", LIMIT(LAG_BYTES)},
    [KEY_THRESHOLDS_LAG_BYTES_CRITICAL] = {"thresholds.lag_bytes.critical",
                                           LIMIT(LAG_BYTES)},
    [KEY_THRESHOLDS_LAG_SECONDS_WARN] = {"thresholds.lag_seconds.warn",
                                         LIMIT(LAG_SECONDS)},
    [KEY_THRESHOLDS_LAG_SECONDS_CRITICAL] = {"thresholds.lag_seconds.critical",
                                             LIMIT(LAG_SECONDS)},
    [KEY_THRESHOLDS_CONNECTIONS_WARN] = {"thresholds.connections.warn",
                                         LIMIT(CONNECTIONS)},
    [KEY_THRESHOLDS_CONNECTIONS_CRITICAL] = {"thresholds.connections.critical",
                                             LIMIT(CONNECTIONS)},
    [KEY_THRESHOLDS_CLOCK_OFFSET_WARN] = {"thresholds.clock_offset.warn",
                                          LIMIT(CLOCK_OFFSET)},
    [KEY_THRESHOLDS_CLOCK_OFFSET_CRITICAL] = {"thresholds.clock_offset.critical",
                                              LIMIT(CLOCK_OFFSET)},
    [KEY_THRESHOLDS_SLOT_RETAINED_WARN] = {"thresholds.slot_retained.warn",
                                           LIMIT(SLOT_RETAINED)},
    [KEY_THRESHOLDS_SLOT_RETAINED_CRITICAL] = {"thresholds.slot_retained.critical",
                                               LIMIT(SLOT_RETAINED)},
    [KEY_THRESHOLDS_CERT_EXPIRY_WARN] = {"thresholds.cert_expiry.warn",
                                         LIMIT(CERT_EXPIRY)},
    [KEY_THRESHOLDS_CERT_EXPIRY_CRITICAL] = {"thresholds.cert_expiry.critical",
                                             LIMIT(CERT_EXPIRY)},
    [KEY_THRESHOLDS_UPTIME_WARN] = {"thresholds.uptime.warn", LIMIT(UPTIME)},
    [KEY_THRESHOLDS_UPTIME_CRITICAL] = {"thresholds.uptime.critical", LIMIT(UPTIME)},

#define RULE COUNT(0, 100000)
    [KEY_REQUIRE_PRIMARIES] = {"require.primaries", RULE, .fixed = true},
    [KEY_REQUIRE_STANDBYS] = {"require.standbys", RULE, .fixed = true},
    [KEY_REQUIRE_MIN_HEALTHY] = {"require.min_healthy", RULE, .fixed = true},
};

const struct key_row *key_row(enum key key)
{
    return &rows[key];
}

bool key_find(const char *path, enum key *ret_key)
{
    for (unsigned i = 0; i < KEY_COUNT; i++)
        if (strcmp(rows[i].path, path) == 0) {
            *ret_key = (enum key)i;
            return true;
        }
    return false;
}

bool key_is_secret(enum key key)
{
    return rows[key].kind == KIND_SECRET;
}

const char *key_synonym(const char *word)
{
    static const struct synonym {
        const char *word, *path;
    } synonyms[] = {
        {"database", "dbname"},
        {"db", "dbname"},
        {"username", "user"},
        {"role", "user"},
        {"hostname", "host"},
        {"address", "host"},
        {"timeout", "connect_timeout"},
        {"interval", "check.interval"},
        {"pass", "password"},
        {"pw", "password"},
        {"pwd", "password"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(synonyms); i++)
        if (strcasecmp(synonyms[i].word, word) == 0)
            return synonyms[i].path;
    return NULL;
}

const char *key_suggest(const char *path)
{
    const char *synonym = key_synonym(path);
    if (synonym)
        return synonym;
    const char *paths[KEY_COUNT];
    for (unsigned i = 0; i < KEY_COUNT; i++)
        paths[i] = rows[i].path;
    return text_closest(path, paths, KEY_COUNT);
}

struct refusal {
    const char *name, *why;
};

static const char from_password[] =
    "logins are computed from a password: use password_file or passfile";
static const char nobody_there[] =
    "OAuth asks a person at a browser, and nobody is there";

/* Keywords of libpq that would redirect or weaken a node behind our back, or that we
 * decide ourselves. */
static const struct refusal refusals[] = {
    {"target_session_attrs", "roles are judged by expect_role"},
    {"load_balance_hosts", "a node is one server; list nodes"},
    {"options",
     "pgcensus sets what its checks need; use ALTER ROLE ... SET for the rest"},
    {"client_encoding", "it is always UTF8"},
    {"fallback_application_name", "use application_name"},
    {"replication", "pgcensus asks SQL questions"},
    {"sslnegotiation", "pgcensus asks for TLS itself before libpq goes on, and direct "
                       "TLS is not asked for"},
    {"sslcompression", "it is obsolete and unsafe"},
    {"sslkeylogfile", "it would write down the keys of the connection"},
    {"min_protocol_version", "pgcensus speaks protocol 3.0, as every server does"},
    {"max_protocol_version", "pgcensus speaks protocol 3.0, as every server does"},
    {"scram_client_key", from_password},
    {"scram_server_key", from_password},
    {"oauth_issuer", nobody_there},
    {"oauth_client_id", nobody_there},
    {"oauth_client_secret", nobody_there},
    {"oauth_scope", nobody_there},
    {"oauth_ca_file", nobody_there},
    {"servicefile", "$PGSERVICEFILE names the file of services, for all nodes"},
    {"requiressl", "use sslmode: require"},
    {"gsslib", "it is for Windows only"},
    {"hosts", "a node is one server; list nodes"},
};

const char *key_refused(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
        if (strcmp(refusals[i].name, name) == 0)
            return refusals[i].why;
    return NULL;
}

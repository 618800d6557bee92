/* Every key that a node can have, and what its value looks like.
 *
 * One row per key, in keys.c; adding one is a line here, a row there, and a line in
 * schema.c, which says where in the YAML it stands. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include <pgcensus/verdict.h>

/* In the order in which `config show` lists them.  The three sources of a password go
 * from weak to strong: of one mapping the last one counts. */
enum key {
    KEY_NAME,
    KEY_GROUP,
    KEY_ENABLED,
    KEY_VIA,
    KEY_PROTOCOL,
    KEY_EXPECT_ROLE,
    KEY_EXPECT,
    KEY_ROLE_MISMATCH,
    KEY_ALLOW_WRITE,

    KEY_HOST,
    KEY_HOSTADDR,
    KEY_PORT,
    KEY_DBNAME,
    KEY_USER,
    KEY_PASSFILE,
    KEY_PASSWORD_FILE,
    KEY_PASSWORD,
    KEY_SERVICE,
    KEY_CONNECT_TIMEOUT,
    KEY_QUERY_TIMEOUT,

    KEY_SSLMODE,
    KEY_SSLMODE_MIN,
    KEY_SSLROOTCERT,
    KEY_SSLCERT,
    KEY_SSLKEY,
    KEY_SSLPASSWORD,
    KEY_SSLCERTMODE,
    KEY_SSLCRL,
    KEY_SSLCRLDIR,
    KEY_SSLSNI,
    KEY_SSL_MIN_PROTOCOL_VERSION,
    KEY_SSL_MAX_PROTOCOL_VERSION,
    KEY_CHANNEL_BINDING,
    KEY_REQUIRE_AUTH,
    KEY_REQUIREPEER,
    KEY_MAX_SCRAM_ITERATIONS,
    KEY_GSSENCMODE,
    KEY_GSSDELEGATION,
    KEY_KRBSRVNAME,

    KEY_APPLICATION_NAME,
    KEY_KEEPALIVES,
    KEY_KEEPALIVES_IDLE,
    KEY_KEEPALIVES_INTERVAL,
    KEY_KEEPALIVES_COUNT,
    KEY_TCP_USER_TIMEOUT,

    KEY_POOL_MIN,
    KEY_POOL_MAX,
    KEY_POOL_IDLE_TIMEOUT,
    KEY_POOL_MAX_LIFETIME,
    KEY_POOL_ACQUIRE_TIMEOUT,

    KEY_LIMITS_MAX_ROWS,
    KEY_LIMITS_MAX_BYTES,
    KEY_LIMITS_MAX_ROW_BYTES,

    KEY_CHECK_INTERVAL,
    KEY_CHECK_FAST_INTERVAL,
    KEY_CHECK_TIMEOUT,
    KEY_CHECK_FALL,
    KEY_CHECK_RISE,
    KEY_CHECK_QUERY,

    KEY_RETRY_MAX_RETRIES,
    KEY_RETRY_INITIAL,
    KEY_RETRY_MAX,
    KEY_RETRY_MULTIPLIER,

    KEY_RECONNECT_STRATEGY,
    KEY_RECONNECT_INITIAL,
    KEY_RECONNECT_MAX,
    KEY_RECONNECT_MULTIPLIER,
    KEY_RECONNECT_INCREMENT,
    KEY_RECONNECT_JITTER,
    KEY_RECONNECT_MAX_ATTEMPTS,

    KEY_BREAKER_THRESHOLD,
    KEY_BREAKER_TIMEOUT,

    /* as pairs, in the order of enum pgcensus_metric: key_threshold() */
    KEY_THRESHOLDS_LATENCY_WARN,
    KEY_THRESHOLDS_LATENCY_CRITICAL,
    KEY_THRESHOLDS_LAG_BYTES_WARN,
    KEY_THRESHOLDS_LAG_BYTES_CRITICAL,
    KEY_THRESHOLDS_LAG_SECONDS_WARN,
    KEY_THRESHOLDS_LAG_SECONDS_CRITICAL,
    KEY_THRESHOLDS_CONNECTIONS_WARN,
    KEY_THRESHOLDS_CONNECTIONS_CRITICAL,
    KEY_THRESHOLDS_CLOCK_OFFSET_WARN,
    KEY_THRESHOLDS_CLOCK_OFFSET_CRITICAL,
    KEY_THRESHOLDS_SLOT_RETAINED_WARN,
    KEY_THRESHOLDS_SLOT_RETAINED_CRITICAL,
    KEY_THRESHOLDS_CERT_EXPIRY_WARN,
    KEY_THRESHOLDS_CERT_EXPIRY_CRITICAL,
    KEY_THRESHOLDS_UPTIME_WARN,
    KEY_THRESHOLDS_UPTIME_CRITICAL,

    /* of groups only */
    KEY_REQUIRE_PRIMARIES,
    KEY_REQUIRE_STANDBYS,
    KEY_REQUIRE_MIN_HEALTHY,

    KEY_COUNT,
};

/* What a value looks like; how it is read is in value.c. */
enum value_kind {
    KIND_TEXT, /* one line */
    KIND_NAME, /* [A-Za-z0-9][A-Za-z0-9._-]* */
    KIND_HOST,
    KIND_DBNAME,
    KIND_ADDRESS, /* numeric */
    KIND_COUNT,
    KIND_PORT,
    KIND_DURATION,
    KIND_SIZE,
    KIND_SHARE,
    KIND_RATIO,
    KIND_BOOLEAN,
    KIND_CHOICE,
    KIND_STATEMENT,
    KIND_AUTH_METHODS,
    KIND_PATH,        /* relative ones: to the configuration's directory */
    KIND_SECRET,      /* never quoted, never shown */
    KIND_SECRET_FILE, /* a path to one */
    KIND_RANGE,       /* a limit of a metric: "200ms", "1s:5s", "@…" */
};

enum { MOST_CHOICES = 6 };

struct key_row {
    const char *path; /* "pool.max" */
    enum value_kind kind;
    const char *builtin;               /* NULL: unset */
    int64_t min, max;                  /* COUNT; DURATION in ns; SIZE; RATIO */
    const char *choices[MOST_CHOICES]; /* CHOICE; the number of a value is its index */
    const char *variable;              /* of the environment: the weakest source */
    enum pgcensus_metric metric;       /* RANGE */
    const char *block; /* "breaker": not acted on by this version, which says so */
    bool fixed;        /* says who a node is: nothing to inherit or to --set */
    bool libpq;        /* a keyword of libpq: can stand in services and URLs */
    bool keyword;      /* the same, and handed to it under its own name */
    nsec unit;         /* what one is for libpq, if it is a DURATION there */
    int since;         /* the major version of libpq that knows it */
};

const struct key_row *key_row(enum key key);
/* The limit from which on a metric is bad. */
static inline enum key key_threshold(enum pgcensus_metric metric, bool critical)
{
    return (enum key)(KEY_THRESHOLDS_LATENCY_WARN + 2 * (unsigned)metric + critical);
}
/* By its path; false if there is none. */
bool key_find(const char *path, enum key *ret_key);
bool key_is_secret(enum key key);
/* What others call one of ours; NULL: nobody does. */
const char *key_synonym(const char *word);
/* "did you mean", or NULL. */
const char *key_suggest(const char *path);

/* Why something that libpq or others know is no key of ours; NULL: it is unknown. */
const char *key_refused(const char *name);

#endif

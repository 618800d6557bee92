/* The table of keys, and what can be asked of it.
 *
 * The macros below are the words that rows of keys.def are written in.  They are spelt
 * here and not there, so that the rows read as a list. */
#include "config/keys.h"

#include "base/clock.h"
#include "base/text.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define YEAR (365 * 86400 * NSEC_PER_SEC)
/* The server's statement_timeout is an int of milliseconds, 24.8 days, and ours may be
 * an hour above the setting (query/sending.c). */
#define LONGEST_STATEMENT (24 * 86400 * NSEC_PER_SEC)

/* ---- the words of keys.def ---- */

#define BUILTIN(text) .builtin = (text)
#define BETWEEN(least, most) .min = (least), .max = (most)
#define CHOICES(...) .choices = {__VA_ARGS__}
#define STANDS(where) .places = (where)
#define REQUIRED .required = true
#define VARIABLE(name) .variable = (name)
#define LIBPQ .libpq = true
#define KEYWORD .libpq = true, .keyword = true
#define UNIT(length) .unit = (length)
#define SINCE(version) .since = (version)
#define ELSEWHERE(reason) .elsewhere = (reason)
#define NOT_YET(name) .block = (name)

/* clang-format off */
#define TYPE_OF(member)                                                                \
    _Generic(((struct config_options *)NULL)->member,                                  \
        const char *: INTO_TEXT, bool: INTO_BOOL, int: INTO_INT,                       \
        uint16_t: INTO_UINT16, unsigned: INTO_UNSIGNED, int64_t: INTO_INT64,           \
        size_t: INTO_SIZE, double: INTO_DOUBLE, struct pgcensus_range: INTO_RANGE)
/* clang-format on */
#define AT(member)                                                                     \
    {                                                                                  \
        offsetof(struct config_options, member), TYPE_OF(member)                       \
    }
#define INTO(member) .into = {AT(member)}
#define INTO_BOTH(first, second) .into = {AT(first), AT(second)}

#define PASSWORD_SOURCE ELSEWHERE("config_password() weighs the sources of a password")
#define LIMIT(of, limit)                                                               \
    KIND_RANGE, STANDS(IN_DEFAULTS | IN_NODE | IN_GROUP),                              \
        .metric = PGCENSUS_METRIC_##of, INTO(limits[PGCENSUS_METRIC_##of].limit)
#define SSLMODES                                                                       \
    CHOICES([PG_SSL_DISABLE] = "disable", [PG_SSL_PREFER] = "prefer",                  \
            [PG_SSL_REQUIRE] = "require", [PG_SSL_VERIFY_CA] = "verify-ca",            \
            [PG_SSL_VERIFY_FULL] = "verify-full")
#define LENIENT CHOICES("disable", "prefer", "require")
/* Older versions of TLS are broken; libpq refuses them by default, and so do we. */
#define TLS_VERSIONS CHOICES("TLSv1.2", "TLSv1.3")

static const struct key_row rows[KEY_COUNT] = {
#define KEY(name, ...) [KEY_##name] = {__VA_ARGS__},
#include "config/keys.def"
#undef KEY
};

static_assert(KEY_REQUIRE_PRIMARIES - KEY_THRESHOLDS_LATENCY_WARN ==
                  2 * PGCENSUS_METRICS,
              "every metric has two limits");

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

bool key_stands(enum key key, enum key_place place)
{
    unsigned places = rows[key].places ? rows[key].places : IN_DEFAULTS | IN_NODE;
    return places & place;
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
static const char needs_browser[] =
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
    {"oauth_issuer", needs_browser},
    {"oauth_client_id", needs_browser},
    {"oauth_client_secret", needs_browser},
    {"oauth_scope", needs_browser},
    {"oauth_ca_file", needs_browser},
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

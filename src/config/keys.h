/* Every key that a node or a group can have, what its value looks like, and where it
 * goes.  A key is one row of keys.def. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "fleet/options.h"

/* The settings of a node, or the rules of a group, as options: a row says which member
 * its value goes to. */
struct config_options {
    struct node_options node;
    struct pgcensus_limits limits[PGCENSUS_METRICS];
    struct pgcensus_require require; /* of a group */
};

enum key {
#define KEY(name, ...) KEY_##name,
#include "config/keys.def"
#undef KEY
    KEY_COUNT,
};

/* The syntax of a value, read by model/value.c. */
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

enum { MOST_CHOICES = 6, MOST_DESTINATIONS = 2 };

/* The mappings of the YAML that a key can stand in.  Keys of defaults are inherited,
 * and
 * --set can set them; the others tell nodes apart, or are rules of a group. */
enum key_place {
    IN_DEFAULTS = 1, /* of the file or of a group */
    IN_NODE = 2,
    IN_GROUP = 4, /* beside its defaults */
};

/* A member of struct config_options, and its type. */
struct destination {
    uint16_t offset;
    enum destination_type {
        INTO_NOTHING,
        INTO_TEXT,
        INTO_BOOL, /* of a choice: whether it is not the first one */
        INTO_INT,
        INTO_UINT16,
        INTO_UNSIGNED, /* enums, too: the number of a choice is the enum's */
        INTO_INT64,
        INTO_SIZE,
        INTO_DOUBLE,
        INTO_RANGE,
    } type;
};

struct key_row {
    const char *path; /* "pool.max" */
    enum value_kind kind;
    const char *builtin; /* NULL: unset */
    int64_t min, max;    /* COUNT; DURATION in ns; SIZE; RATIO */
    /* CHOICE; the number of a value is its index, and an index may have none */
    const char *choices[MOST_CHOICES];
    const char *variable;        /* of the environment: the weakest source */
    enum pgcensus_metric metric; /* RANGE */

    /* Where the value goes: one of these, or `keyword` below. */
    struct destination into[MOST_DESTINATIONS];
    const char *elsewhere; /* why no option holds it, and what looks at it */
    const char *block;     /* "breaker": not acted on by this version, which says so */

    unsigned places; /* of enum key_place; 0: IN_DEFAULTS | IN_NODE */
    bool required;   /* wherever it can stand */
    bool libpq;      /* a keyword of libpq: can stand in services and URLs */
    bool keyword;    /* the same, and handed to it under its own name */
    nsec unit;       /* what one is for libpq, if it is a DURATION there */
    int since;       /* the major version of libpq that knows it */
};

const struct key_row *key_row(enum key key);
bool key_stands(enum key key, enum key_place place);
/* The limit from which on a metric is bad. */
static inline enum key key_threshold(enum pgcensus_metric metric, bool critical)
{
    return (enum key)(KEY_THRESHOLDS_LATENCY_WARN + 2 * (unsigned)metric + critical);
}
/* By its path; false if there is none. */
bool key_find(const char *path, enum key *ret_key);
bool key_is_secret(enum key key);
/* Our key for a word that other programs use; NULL: it is none. */
const char *key_synonym(const char *word);
/* "did you mean", or NULL. */
const char *key_suggest(const char *path);

/* Why a keyword of libpq or of other programs is no key of ours; NULL: it is unknown.
 */
const char *key_refused(const char *name);

#endif

/* Every key reaches an option: a configuration that sets it makes other options than
 * one that does not, in a fleet that is a fake here. */
#include "config/keys.h"

#include "base/buf.h"
#include "base/memory.h"
#include "config/model/value.h"
#include "config_stage.h"
#include "fleet/fleet.h"
#include "pg/conninfo.h"

#include <pgcensus/nodes.h>
#include <string.h>

/* ---- a fleet that writes down what it is given ---- */

struct pgcensus_fleet {
    struct secrets *secrets;
    struct buf given;
};

struct pgcensus_fleet *fleet_new(struct secrets *secrets,
                                 struct pgcensus_error *ret_error)
{
    struct pgcensus_fleet *fleet = calloc(1, sizeof *fleet);
    assert_non_null(fleet);
    *fleet = (struct pgcensus_fleet){.secrets = secrets, .given = BUF_INIT};
    return fleet;
}

void pgcensus_fleet_free(struct pgcensus_fleet *fleet)
{
    if (!fleet)
        return;
    buf_fini(&fleet->given);
    secrets_free(fleet->secrets);
    free(fleet);
}

struct secrets *fleet_secrets(struct pgcensus_fleet *fleet)
{
    return fleet->secrets;
}

/* ---- and in which nothing ever changes ---- */

bool fleet_renew(struct pgcensus_fleet *fleet, const struct node_options *options,
                 struct pgcensus_error *ret_error)
{
    return false;
}

void fleet_drop_member(struct pgcensus_fleet *fleet, const char *group)
{
}

bool pgcensus_fleet_find(const struct pgcensus_fleet *fleet, const char *name,
                         size_t *ret_index)
{
    return false;
}

const struct pgcensus_identity *pgcensus_fleet_node(const struct pgcensus_fleet *fleet,
                                                    size_t index)
{
    return NULL;
}

bool pgcensus_fleet_handle(const struct pgcensus_fleet *fleet, size_t index,
                           struct pgcensus_handle *ret_handle)
{
    return false;
}

/* What a text says, in the place of where it lies. */
static void write_text(struct buf *out, const char **text)
{
    buf_add_format(out, "%s\n", *text ? *text : "(none)");
    *text = NULL;
}

static void write_range(struct buf *out, const struct pgcensus_range *range)
{
    buf_add_format(out, "%d %d %g %g\n", range->set, range->inside, range->start,
                   range->end);
}

static void write_pointed_to(struct buf *out, struct node_options *options)
{
    struct pgcensus_identity *identity = &options->identity;
    struct pg_target *target = &options->target;
    const char **texts[] = {
        &identity->name,   &identity->group, &identity->host,   &identity->hostaddr,
        &identity->dbname, &identity->user,  &target->host,     &target->hostaddr,
        &target->dbname,   &target->user,    &target->password, &options->probe.query,
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        write_text(out, texts[i]);
    for (size_t i = 0; i < target->n_keywords; i++)
        buf_add_format(out, "%s=%s\n", target->keywords[i].keyword,
                       target->keywords[i].value);
    for (size_t i = 0; options->limits && i < PGCENSUS_METRICS; i++) {
        write_range(out, &options->limits[i].warn);
        write_range(out, &options->limits[i].critical);
    }
    identity->labels = NULL; /* no key */
    target->keywords = NULL;
    options->limits = NULL;
}

/* All there is, byte by byte, so that no member has to be named here, but with the
 * texts in the place of pointers.  If a new pointer is forgotten, the same
 * configuration does not look the same twice, and a test below fails. */
bool fleet_add(struct pgcensus_fleet *fleet, const struct node_options *options,
               struct pgcensus_error *ret_error)
{
    struct node_options copy;
    memcpy(&copy, options, sizeof copy);
    write_pointed_to(&fleet->given, &copy);
    for (size_t i = 0; i < sizeof copy; i++)
        buf_add_format(&fleet->given, "%02x", ((const unsigned char *)&copy)[i]);
    return true;
}

bool fleet_add_group(struct pgcensus_fleet *fleet, const char *name,
                     const struct pgcensus_require *require,
                     struct pgcensus_error *ret_error)
{
    buf_add_format(&fleet->given, "%d %d %d\n", require->primaries, require->standbys,
                   require->min_healthy);
    return true;
}

bool fleet_add_member(struct pgcensus_fleet *fleet, const char *group,
                      struct pgcensus_error *ret_error)
{
    return true;
}

/* ---- a configuration that sets one key ---- */

/* What the kind's reader takes for a value and is not the default of any key. */
static const char *other_value(enum key key, const struct key_row *row)
{
    static const char *const of_units[] = {[PGCENSUS_UNIT_TIME] = "7s",
                                           [PGCENSUS_UNIT_BYTES] = "7MB",
                                           [PGCENSUS_UNIT_PERCENT] = "7%"};
    switch (row->kind) {
    case KIND_TEXT:
    case KIND_NAME:
    case KIND_HOST:
    case KIND_DBNAME:
        return "other";
    case KIND_ADDRESS:
        return "10.9.8.7";
    case KIND_COUNT:
        return row->min <= 7 ? "7" : "7777";
    case KIND_PORT:
        return "7777";
    case KIND_DURATION:
        return "11s";
    case KIND_SIZE:
        return "3MB";
    case KIND_SHARE:
        return "33%";
    case KIND_RATIO:
        return "3.5";
    case KIND_BOOLEAN:
        return row->builtin && strcmp(row->builtin, "true") == 0 ? "false" : "true";
    case KIND_CHOICE:
        for (size_t i = 0; i < MOST_CHOICES; i++)
            if (row->choices[i] &&
                (!row->builtin || strcmp(row->choices[i], row->builtin) != 0))
                return row->choices[i];
        break;
    case KIND_STATEMENT:
        return "SELECT 7";
    case KIND_AUTH_METHODS:
        return "scram-sha-256";
    case KIND_PATH:
        return key == KEY_PASSFILE ? stage_write("pgpass", "*:*:*:*:file", 0600)
                                   : stage_write("other.pem", "", 0600);
    case KIND_SECRET:
        return "secret";
    case KIND_SECRET_FILE:
        return stage_write("password", "from a file\n", 0600);
    case KIND_RANGE:
        return of_units[pgcensus_metric_unit(row->metric)];
    }
    fail_msg("%s: no other value is known", row->path);
    return NULL;
}

/* path "a.b" and value "c" become {a: {b: "c"}}, in whole lines. */
static void write_setting(struct buf *yaml, const char *path, const char *value)
{
    unsigned depth = 0;
    for (const char *at = path; *at; at++, depth++) {
        size_t n = strcspn(at, ".");
        buf_add_format(yaml, "%s%.*s: ", depth ? "{" : "    ", (int)n, at);
        at += n;
        if (*at == '\0')
            break;
    }
    buf_add_format(yaml, "\"%s\"", value);
    buf_add_repeat(yaml, '}', depth);
    buf_add_str(yaml, "\n");
}

/* key KEY_COUNT: sets none. */
static void write_configuration(struct buf *yaml, enum key key, const char *value)
{
    static const struct base {
        enum key key;
        const char *value;
    } bases[] = {{KEY_NAME, "n"}, {KEY_HOST, "h"}, {KEY_USER, "u"}};
    bool of_groups = key < KEY_COUNT && !key_stands(key, IN_NODE);

    buf_add_str(yaml, "groups:\n  -\n    name: g\n");
    if (of_groups)
        write_setting(yaml, key_row(key)->path, value);
    if (key == KEY_GROUP)
        buf_add_format(yaml, "  -\n    name: %s\n", value);
    buf_add_str(yaml, "nodes:\n  -\n");
    for (size_t i = 0; i < ARRAY_SIZE(bases); i++)
        if (bases[i].key != key)
            write_setting(yaml, key_row(bases[i].key)->path, bases[i].value);
    if (key < KEY_COUNT && !of_groups)
        write_setting(yaml, key_row(key)->path, value);
}

/* What the fleet is given, which the caller frees. */
static char *options_with(enum key key, const char *value)
{
    AUTO(buf_fini) struct buf yaml = BUF_INIT;
    struct pgcensus_error error;

    write_configuration(&yaml, key, value);
    AUTO(loaded_fini) struct loaded loaded = stage_load(yaml.bytes, NULL);
    if (!loaded.config)
        fail_msg("%s%s", yaml.bytes, stage_said(&loaded));
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *fleet = pgcensus_config_open(loaded.config, NULL, &error);
    assert_non_null(fleet);
    char *given = strdup(fleet->given.bytes);
    assert_non_null(given);
    return given;
}

static bool is_known_here(const struct key_row *row)
{
    bool known = true;
    if (row->keyword)
        assert_true(pg_conninfo_knows(&row->path, 1, &known));
    return known;
}

/* ---- the tests ---- */

static void the_same_configuration_makes_the_same_options(void **state)
{
    AUTO(free) char *one = options_with(KEY_COUNT, NULL);
    AUTO(free) char *two = options_with(KEY_COUNT, NULL);
    assert_string_equal(one, two);
}

static void setting_a_key_changes_an_option(void **state)
{
    AUTO(free) char *without = options_with(KEY_COUNT, NULL);
    unsigned n_changed = 0;

    stage_write(".pg_service.conf", "[other]\nport=7777\n", 0600);
    for (unsigned i = 0; i < KEY_COUNT; i++) {
        const struct key_row *row = key_row((enum key)i);
        if (!is_known_here(row))
            continue;
        AUTO(free)
        char *with = options_with((enum key)i, other_value((enum key)i, row));
        bool changed = strcmp(with, without) != 0;
        if (!changed && !row->block)
            fail_msg("%s is accepted and changes nothing", row->path);
        if (changed && row->block)
            fail_msg("%s changes an option, and its row says not yet", row->path);
        n_changed += changed;
    }
    assert_true(n_changed > KEY_COUNT / 2);
}

static void a_row_says_where_its_value_goes(void **state)
{
    for (unsigned i = 0; i < KEY_COUNT; i++) {
        const struct key_row *row = key_row((enum key)i);
        int ways = (row->into[0].type != INTO_NOTHING) + row->keyword +
                   (row->elsewhere != NULL) + (row->block != NULL);
        if (ways != 1)
            fail_msg("%s says %s where its value goes", row->path,
                     ways ? "more than once" : "nowhere");
    }
}

static bool go_to_one(const struct key_row *one, const struct key_row *other)
{
    for (unsigned i = 0; i < MOST_DESTINATIONS; i++)
        for (unsigned k = 0; k < MOST_DESTINATIONS; k++)
            if (one->into[i].type != INTO_NOTHING &&
                other->into[k].type != INTO_NOTHING &&
                one->into[i].offset == other->into[k].offset)
                return true;
    return false;
}

static void no_two_keys_go_to_one_member(void **state)
{
    for (unsigned i = 0; i < KEY_COUNT; i++)
        for (unsigned k = 0; k < i; k++)
            if (go_to_one(key_row((enum key)i), key_row((enum key)k)))
                fail_msg("%s and %s", key_row((enum key)k)->path,
                         key_row((enum key)i)->path);
}

static bool suits(enum value_kind kind, enum destination_type type)
{
    switch (kind) {
    case KIND_TEXT:
    case KIND_NAME:
    case KIND_HOST:
    case KIND_DBNAME:
    case KIND_ADDRESS:
    case KIND_STATEMENT:
    case KIND_AUTH_METHODS:
    case KIND_PATH:
        return type == INTO_TEXT;
    case KIND_COUNT:
        return type == INTO_UNSIGNED || type == INTO_INT || type == INTO_SIZE;
    case KIND_PORT:
        return type == INTO_UINT16;
    case KIND_DURATION:
        return type == INTO_INT64;
    case KIND_SIZE:
        return type == INTO_SIZE;
    case KIND_SHARE:
    case KIND_RATIO:
        return type == INTO_DOUBLE;
    case KIND_BOOLEAN:
        return type == INTO_BOOL;
    case KIND_CHOICE:
        return type == INTO_UNSIGNED || type == INTO_BOOL;
    case KIND_RANGE:
        return type == INTO_RANGE;
    case KIND_SECRET:
    case KIND_SECRET_FILE:
        break;
    }
    return false;
}

static void a_value_fits_where_it_goes(void **state)
{
    static const int64_t most[] = {[INTO_INT] = INT32_MAX,
                                   [INTO_UINT16] = UINT16_MAX,
                                   [INTO_UNSIGNED] = UINT32_MAX,
                                   [INTO_SIZE] = INT64_MAX};
    for (unsigned i = 0; i < KEY_COUNT; i++) {
        const struct key_row *row = key_row((enum key)i);
        for (unsigned k = 0; k < MOST_DESTINATIONS; k++) {
            enum destination_type type = row->into[k].type;
            if (type == INTO_NOTHING)
                continue;
            if (!suits(row->kind, type))
                fail_msg("%s is of another kind than the member it goes to", row->path);
            if (row->kind == KIND_COUNT || row->kind == KIND_PORT)
                assert_in_range(row->max, 1, most[type]);
        }
    }
}

static void limits_stand_in_pairs(void **state)
{
    for (unsigned i = 0; i < PGCENSUS_METRICS; i++) {
        enum pgcensus_metric metric = (enum pgcensus_metric)i;
        for (int critical = 0; critical < 2; critical++) {
            AUTO(buf_fini) struct buf path = BUF_INIT;
            const struct key_row *row = key_row(key_threshold(metric, critical));
            buf_add_format(&path, "thresholds.%s.%s", pgcensus_metric_name(metric),
                           critical ? "critical" : "warn");
            assert_string_equal(row->path, path.bytes);
            assert_int_equal(row->metric, metric);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_configuration_makes_the_same_options),
        cmocka_unit_test(setting_a_key_changes_an_option),
        cmocka_unit_test(a_row_says_where_its_value_goes),
        cmocka_unit_test(no_two_keys_go_to_one_member),
        cmocka_unit_test(a_value_fits_where_it_goes),
        cmocka_unit_test(limits_stand_in_pairs),
    };
    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}

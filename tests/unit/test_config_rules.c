/* sslrootcert "system": what follows from it, whether this libpq knows it or not. */
#include "config/model/rules.h"

#include "config_stage.h"
#include "pg/conninfo.h"
#include "pg/target.h"

#include <string.h>

static struct layer builtin = {.origin = "built-in", .builtin = true};
static struct layer node = {.origin = "node"};

static const struct config_setting system_authority = {
    .text = (char *)"system", .line = 7, .column = 9, .key = KEY_SSLROOTCERT};
static const struct config_setting file_authority = {.text = (char *)"/etc/system",
                                                     .key = KEY_SSLROOTCERT};

static struct config_setting mode_item(enum key key, enum pg_sslmode mode,
                                       unsigned line)
{
    return (struct config_setting){.text = (char *)pg_sslmode_name(mode),
                                   .value.number = mode,
                                   .line = line,
                                   .column = 3,
                                   .key = (uint8_t)key};
}

static void put(struct view *view, const struct config_setting *item,
                const struct layer *layer)
{
    view->settings[item->key] = item;
    view->layers[item->key] = layer;
}

/* As libpq does. */
static void the_built_in_mode_follows(void **state)
{
    struct view view = {{NULL}, {NULL}};
    struct diagnostic_list diagnostics = DIAGNOSTIC_LIST_INIT;
    const struct config_setting prefer = mode_item(KEY_SSLMODE, PG_SSL_PREFER, 0);

    put(&view, &prefer, &builtin);
    put(&view, &file_authority, &node);
    rules_adjust(&view);
    assert_int_equal(view_number(&view, KEY_SSLMODE), PG_SSL_PREFER);

    put(&view, &system_authority, &node);
    rules_adjust(&view);
    assert_int_equal(view_number(&view, KEY_SSLMODE), PG_SSL_VERIFY_FULL);
    assert_string_equal(view_text(&view, KEY_SSLMODE), "verify-full");
    assert_ptr_equal(view.layers[KEY_SSLMODE], &node);
    rules_check(&view, &diagnostics);
    assert_int_equal(diagnostics.kept.n, 0);
}

/* Also as the mode that is stepped down to: libpq's refusal of that would hide why the
 * certificate was refused. */
static void weaker_modes_are_mistakes_with_a_line(void **state)
{
    static const enum pg_sslmode weaker[] = {PG_SSL_DISABLE, PG_SSL_PREFER,
                                             PG_SSL_REQUIRE, PG_SSL_VERIFY_CA};
    static const enum key keys[] = {KEY_SSLMODE, KEY_SSLMODE_MIN};
    for (size_t i = 0; i < ARRAY_SIZE(weaker) * ARRAY_SIZE(keys); i++) {
        struct view view = {{NULL}, {NULL}};
        AUTO(diagnostic_list_fini)
        struct diagnostic_list diagnostics = DIAGNOSTIC_LIST_INIT;
        const struct config_setting full =
            mode_item(KEY_SSLMODE, PG_SSL_VERIFY_FULL, 4);
        const struct config_setting weak =
            mode_item(keys[i % ARRAY_SIZE(keys)], weaker[i / ARRAY_SIZE(keys)], 5);

        put(&view, &full, &node);
        put(&view, &weak, &node);
        put(&view, &system_authority, &node);
        rules_adjust(&view);
        rules_check(&view, &diagnostics);
        assert_int_equal(diagnostics.kept.n, 1);
        const struct pgcensus_diagnostic *said = &diagnostics.kept.items[0];
        assert_int_equal(said->severity, PGCENSUS_SEVERITY_ERROR);
        assert_int_equal(said->line, 5);
        assert_non_null(strstr(said->message, "is below verify-full"));
    }
}

static bool libpq_knows_system(void)
{
    const char *keyword = "sslcertmode"; /* came with the same version */
    bool known;
    assert_true(pg_conninfo_knows(&keyword, 1, &known));
    return known;
}

static void whether_this_libpq_knows_it(void **state)
{
    static const char yaml[] = "nodes:\n"
                               "  - {name: a, host: h, sslrootcert: system}\n";
    AUTO(loaded_fini) struct loaded loaded = stage_load(yaml, NULL);
    const char *said = stage_said(&loaded);
    if (libpq_knows_system()) {
        assert_string_equal(said, ""); /* not a file that is missing */
        assert_string_equal(stage_setting(&loaded, "a", "sslmode"),
                            "verify-full (node)"); /* it stands on no line */
    } else {
        assert_null(loaded.config);
        assert_string_equal(said, "2:37: error: sslrootcert: \"system\": this libpq "
                                  "does not know it, it came with version 16\n");
    }
    AUTO(loaded_fini)
    struct loaded file = stage_load(
        "nodes: [{name: a, host: h, sslrootcert: ./system, sslmode: require}]\n", NULL);
    assert_non_null(file.config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_built_in_mode_follows),
        cmocka_unit_test(weaker_modes_are_mistakes_with_a_line),
        cmocka_unit_test(whether_this_libpq_knows_it),
    };
    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}

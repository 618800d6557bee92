/* Fixed rounds, inventories and mistakes against what they are to look like. */
#include "golden.h"
#include "report/check.h"
#include "report/diagnostics.h"
#include "report/nodes.h"
#include "report/problems.h"
#include "report/settings.h"
#include "rounds.h"
#include "tests/test.h"

#define LOOK(...) ((struct look){.unicode = true, __VA_ARGS__})
#define VIEW(...) ((struct check_view){.rows.look = LOOK(__VA_ARGS__)})

static void assert_check(const char *name, struct check_document document,
                         const char *format, struct check_view view)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    view.rows.format = format_find(format);
    report_check(&document, &view, &out);
    assert_golden(name, &out);
}

static void assert_table(const char *name, struct check_document document,
                         struct check_view view)
{
    assert_check(name, document, "table", view);
}

/* ---- check, as a table ---- */

static void a_table_fits_its_width(void **state)
{
    assert_table("five-48.txt", round_of_five(), VIEW(.width = 48));
    assert_table("five-80.txt", round_of_five(), VIEW(.width = 80));
    assert_table("five-120.txt", round_of_five(), VIEW(.width = 120));
    assert_table("five-pipe.txt", round_of_five(), VIEW(.width = 0));
}

static void odd_nodes_in_all_widths(void **state)
{
    assert_table("odd-48.txt", round_of_odd_ones(), VIEW(.width = 48));
    assert_table("odd-80.txt", round_of_odd_ones(), VIEW(.width = 80));
    assert_table("odd-120.txt", round_of_odd_ones(), VIEW(.width = 120));
    assert_table("odd-pipe.txt", round_of_odd_ones(), VIEW(.width = 0));
}

static void without_unicode_all_is_ascii(void **state)
{
    struct check_view view = VIEW(.width = 80);
    view.rows.look.unicode = false;
    assert_table("five-ascii.txt", round_of_five(), view);
}

static void colours_are_used_where_they_may_be(void **state)
{
    assert_table("five-colour.txt", round_of_five(), VIEW(.width = 80, .colour = true));
    assert_table("five-256-colours.txt", round_of_five(),
                 VIEW(.width = 80, .colour = true, .many_colours = true));
    assert_table("five-48-colour.txt", round_of_five(),
                 VIEW(.width = 48, .colour = true));
}

static void looks_of_psql(void **state)
{
    assert_table("five-expanded.txt", round_of_five(), VIEW(.expanded = true));
    assert_table("odd-expanded-60.txt", round_of_odd_ones(),
                 VIEW(.expanded = true, .width = 60));
    assert_table("five-unaligned.txt", round_of_five(), VIEW(.unaligned = true));
    assert_table("five-tuples.txt", round_of_five(), VIEW(.tuples_only = true));
    assert_table("five-unaligned-tuples.txt", round_of_five(),
                 VIEW(.unaligned = true, .tuples_only = true, .null = "NULL"));
}

static void quiet_shows_problems_only(void **state)
{
    struct check_view view = VIEW(.width = 80);
    view.problems_only = true;
    assert_table("five-quiet.txt", round_of_five(), view);
    assert_table("nothing.txt", round_without_problems(), view);

    struct check_document satisfied = round_of_five(); /* as with --min-ok 3 */
    satisfied.exit_code = 0;
    assert_table("nothing.txt", satisfied, view);
    struct check_document disappointed = round_without_problems();
    disappointed.exit_code = 2; /* as with --min-ok 3 */
    assert_table("fine-quiet.txt", disappointed, view);
}

static void nothing_to_complain_of(void **state)
{
    assert_table("fine-80.txt", round_without_problems(), VIEW(.width = 80));
}

static void more_nodes_than_rows(void **state)
{
    struct check_view view = VIEW(.width = 80);
    view.height = 24;
    assert_table("thousand-24.txt", round_of_a_thousand(), view);
    view.rows.look.width = 120;
    assert_table("thousand-24-120.txt", round_of_a_thousand(), view);
    view.rows.look.width = 48;
    assert_table("thousand-24-48.txt", round_of_a_thousand(), view);
    view.rows.look.width = 80;
    assert_table("eighty-24.txt", round_of_eighty_problems(), view);
    view.problems_only = true;
    assert_table("thousand-24-quiet.txt", round_of_a_thousand(), view);
}

static void low_terminals_get_what_fits(void **state)
{
    struct check_view view = VIEW(.width = 80);
    view.height = 9;
    assert_table("five-80.txt", round_of_five(), view);
    view.height = 8;
    assert_table("five-8-rows.txt", round_of_five(), view);
    view.height = 7;
    assert_table("five-7-rows.txt", round_of_five(), view);
    view.all = true;
    assert_table("five-80.txt", round_of_five(), view);
    view.height = 24;
    view.all = false;
    view.rows.look.width = 39;
    assert_table("five-7-rows.txt", round_of_five(), view);
}

static void programs_always_get_everything(void **state)
{
    struct check_view view = VIEW(.unaligned = true);
    view.height = 5;
    assert_table("five-unaligned.txt", round_of_five(), view);
    view.rows.look = LOOK(.tuples_only = true);
    assert_table("five-tuples.txt", round_of_five(), view);
}

/* ---- check, for programs ---- */

static void a_check_as_json(void **state)
{
    assert_check("five.json", round_of_five(), "json", VIEW());
    assert_check("odd.json", round_of_odd_ones(), "json", VIEW());
    assert_check("monitors.json", round_for_monitors(), "json", VIEW());
    struct check_document nothing = round_without_problems();
    nothing.config_path = NULL;
    assert_check("fine.json", nothing, "json", VIEW());
}

static void a_check_as_ndjson(void **state)
{
    assert_check("five.ndjson", round_of_five(), "ndjson", VIEW());
    assert_check("odd.ndjson", round_of_odd_ones(), "ndjson", VIEW());
}

static void a_check_as_csv(void **state)
{
    assert_check("five.csv", round_of_five(), "csv", VIEW(.null = ""));
    assert_check("odd.csv", round_of_odd_ones(), "csv", VIEW(.null = "NULL"));
}

static void a_check_as_markdown(void **state)
{
    assert_check("five.md", round_of_five(), "markdown", VIEW());
    assert_check("odd.md", round_of_odd_ones(), "markdown", VIEW(.null = "NULL"));
}

static void a_check_for_nagios(void **state)
{
    assert_check("five.nagios", round_of_five(), "nagios", VIEW());
    assert_check("odd.nagios", round_of_odd_ones(), "nagios", VIEW());
    assert_check("fine.nagios", round_without_problems(), "nagios", VIEW());
    assert_check("thousand.nagios", round_of_a_thousand(), "nagios", VIEW());
    assert_check("eighty.nagios", round_of_eighty_problems(), "nagios", VIEW());
    assert_check("monitors.nagios", round_for_monitors(), "nagios", VIEW());

    struct check_document interrupted = round_of_odd_ones();
    interrupted.exit_code = 130;
    assert_check("interrupted.nagios", interrupted, "nagios", VIEW());
    struct check_document satisfied = round_of_five(); /* as with --min-ok 3 */
    satisfied.exit_code = 0;
    assert_check("satisfied.nagios", satisfied, "nagios", VIEW());
}

static void a_check_for_prometheus(void **state)
{
    assert_check("five.prom", round_of_five(), "prometheus", VIEW());
    assert_check("odd.prom", round_of_odd_ones(), "prometheus", VIEW());
    assert_check("fine.prom", round_without_problems(), "prometheus", VIEW());
    assert_check("monitors.prom", round_for_monitors(), "prometheus", VIEW());
}

static void problems_for_stderr(void **state)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    const struct check_document rounds[] = {round_of_five(), round_of_odd_ones(),
                                            round_of_a_thousand(),
                                            round_without_problems()};
    for (size_t i = 0; i < ARRAY_SIZE(rounds); i++)
        report_problems(rounds[i].fleet, rounds[i].results, rounds[i].n_results, false,
                        &out);
    assert_golden("problems.txt", &out);
}

/* ---- the inventory ---- */

static void assert_nodes(const char *name, struct check_document document,
                         const char *format, struct look look)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    size_t n;
    const struct pgcensus_identity *const *nodes = identities_of(&document, &n);
    report_nodes(nodes, n, &(struct row_view){format_find(format), look}, &out);
    assert_golden(name, &out);
}

static void the_inventory_in_every_format(void **state)
{
    assert_nodes("nodes.txt", round_of_five(), "table", LOOK(.width = 80));
    assert_nodes("nodes-odd-60.txt", round_of_odd_ones(), "table", LOOK(.width = 60));
    assert_nodes("nodes-odd-expanded.txt", round_of_odd_ones(), "table",
                 LOOK(.expanded = true));
    assert_nodes("nodes.json", round_of_five(), "json", LOOK(.width = 80));
    assert_nodes("nodes-odd.json", round_of_odd_ones(), "json", LOOK(.width = 80));
    assert_nodes("nodes.ndjson", round_of_five(), "ndjson", LOOK(.width = 80));
    assert_nodes("nodes.csv", round_of_five(), "csv", LOOK(.width = 80));
}

static const struct pgcensus_setting settings[] = {
    {"host", "10.0.0.11", "node", 12},
    {"port", "5432", "built-in", 0},
    {"password", "***", "environment", 0},
    {"application_name", NULL, "built-in", 0},
    {"options", "-c search_path=\x1b[31m", "group \"orders\"", 7},
};

static void assert_settings(const char *name, size_t n, const char *format,
                            struct look look)
{
    static const struct settings_of_node nodes[] = {
        {"pg-a", settings, ARRAY_SIZE(settings)}, {"pg-b", settings, 2}};
    AUTO(buf_fini) struct buf out = BUF_INIT;
    report_settings(nodes, n, &(struct row_view){format_find(format), look}, &out);
    assert_golden(name, &out);
}

static void settings_in_every_format(void **state)
{
    assert_settings("settings.txt", 1, "table", LOOK(.width = 80));
    assert_settings("settings-two.txt", 2, "table", LOOK(.width = 80));
    assert_settings("settings-unaligned.txt", 2, "table", LOOK(.unaligned = true));
    assert_settings("settings.json", 2, "json", LOOK(.width = 80));
    assert_settings("settings.ndjson", 2, "ndjson", LOOK(.width = 80));
    assert_settings("settings.csv", 2, "csv", LOOK(.width = 80));
}

/* ---- mistakes ---- */

static struct pgcensus_diagnostic mistakes[] = {
    {PGCENSUS_SEVERITY_ERROR, "nodes.yaml", 0, 0, "is empty", NULL, NULL},
    {PGCENSUS_SEVERITY_ERROR, "nodes.yaml", 4, 5,
     "unknown key \"prot\" (did you mean \"port\"?)", "    prot: 5432", NULL},
    {PGCENSUS_SEVERITY_ERROR, "nodes.yaml", 9, 0,
     "duplicate key \"port\" (first given on line 8)", "    port: 5433", NULL},
    {PGCENSUS_SEVERITY_WARNING, "nodes.yaml", 10, 21, "strange bytes",
     "    a: \x1b[31m\xe2\x80\xae\xff é x: here", "they are shown as \\x1b"},
    {PGCENSUS_SEVERITY_NOTE, "--set \x1b", 0, 0, "only with -v", NULL, NULL},
    {PGCENSUS_SEVERITY_ERROR, "nodes.yaml", 123456, 131, "far to the right",
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxHERE yyyyyyyyyyyyyyyyyyyyyyyyy"
     "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
     NULL},
};
static const struct pgcensus_diagnostics all_mistakes = {mistakes, ARRAY_SIZE(mistakes),
                                                         4, 2};

static void mistakes_of_a_configuration(void **state)
{
    AUTO(buf_fini) struct buf loud = BUF_INIT, normal = BUF_INIT, json = BUF_INIT;
    report_diagnostics(&all_mistakes, true, &loud);
    assert_golden("diagnostics-verbose.txt", &loud);
    report_diagnostics(&all_mistakes, false, &normal);
    assert_golden("diagnostics.txt", &normal);
    report_diagnostics_json(&all_mistakes, &json);
    assert_golden("diagnostics.json", &json);
}

static void an_error_as_json(void **state)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    const struct pgcensus_error error = {PGCENSUS_TROUBLE_CONFIG,
                                         "nodes.yaml cannot be used: 3 errors"};
    report_error_json(&error, &out);
    assert_golden("error.json", &out);
}

static void error_of_a_plugin(void **state)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    const struct pgcensus_error error = {PGCENSUS_TROUBLE_CONFIG,
                                         "a|b.yaml:1:1: error:\n\x1b[31m"};
    check_nagios_error(&error, &out);
    assert_golden("error.nagios", &out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_fits_its_width),
        cmocka_unit_test(odd_nodes_in_all_widths),
        cmocka_unit_test(without_unicode_all_is_ascii),
        cmocka_unit_test(colours_are_used_where_they_may_be),
        cmocka_unit_test(looks_of_psql),
        cmocka_unit_test(quiet_shows_problems_only),
        cmocka_unit_test(nothing_to_complain_of),
        cmocka_unit_test(more_nodes_than_rows),
        cmocka_unit_test(low_terminals_get_what_fits),
        cmocka_unit_test(programs_always_get_everything),
        cmocka_unit_test(a_check_as_json),
        cmocka_unit_test(a_check_as_ndjson),
        cmocka_unit_test(a_check_as_csv),
        cmocka_unit_test(a_check_as_markdown),
        cmocka_unit_test(a_check_for_nagios),
        cmocka_unit_test(a_check_for_prometheus),
        cmocka_unit_test(problems_for_stderr),
        cmocka_unit_test(the_inventory_in_every_format),
        cmocka_unit_test(settings_in_every_format),
        cmocka_unit_test(mistakes_of_a_configuration),
        cmocka_unit_test(an_error_as_json),
        cmocka_unit_test(error_of_a_plugin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

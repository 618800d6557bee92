#include "cli/parse/option_types.h"

#include "base/clock.h"
#include "tests/test.h"

#include <string.h>

/* Each test parses one command line, written as it would be typed. */

struct arguments {
    const char *config;
    struct option_list nodes;
    nsec timeout;
    unsigned jobs;
    struct shown { /* a part: its rows know nothing of what stands before it */
        bool all, tuples, quiet, help;
        int format, expanded;
    } shown;
    struct passed_over {
        struct option_list limits;
    } passed_over;
};

static const char *const formats[] = {"table", "json", "csv", NULL};
static const char *const when[] = {"off", "on", "auto", NULL};

#define ROW(letters, name, value, type, member)                                        \
    OPTION(letters, name, value, type, struct arguments, member)

static const struct option first_rows[] = {
    {ROW("C", "config", "FILE", option_text, config)},
    {ROW("n", "node", "GLOB", option_words, nodes)},
    {ROW("T", "timeout", "DURATION", option_duration, timeout)},
    {ROW("j", "jobs", "N", option_count, jobs), .min = 1, .max = 1000},
};

#define SHOWN(letters, name, value, type, member)                                      \
    OPTION(letters, name, value, type, struct shown, member)

static const struct option second_rows[] = {
    {SHOWN(NULL, "all", NULL, option_flag, all)},
    {SHOWN("t", "tuples-only", NULL, option_flag, tuples)},
    {SHOWN("q", "quiet", NULL, option_flag, quiet)},
    {SHOWN("h?", "help", NULL, option_flag, help)},
    {SHOWN(NULL, "format", "FORMAT", option_choice, format), .choices = formats},
    {SHOWN(NULL, "json", NULL, option_choice, format), .preset = 1},
    {SHOWN("x", "expanded", "WHEN", option_choice, expanded), .choices = when,
     .value_optional = true, .preset = 1},
};

static const struct option_group first = {"First", first_rows, ARRAY_SIZE(first_rows)};
static const struct option_group second = {"Second", second_rows,
                                           ARRAY_SIZE(second_rows)};
static const struct option_part parts[] = {
    {&first, 0},
    OPTION_PART(second, struct shown, struct arguments, shown),
    {NULL, 0},
};

static const struct option third_rows[] = {
    {OPTION("L", "limit", "LIMIT", option_words, struct passed_over, limits)},
};
static const struct option_group third = {"Third", third_rows, ARRAY_SIZE(third_rows)};
static const struct option_part unlisted_parts[] = {
    OPTION_PART(third, struct passed_over, struct arguments, passed_over),
    {NULL, 0},
};
static const struct option_table unlisted = {.parts = unlisted_parts};
static const struct option_table table = {.parts = parts, .unlisted = &unlisted};

struct parsed {
    char line[256];
    char *argv[32];
    struct arguments arguments;
    struct option_list words;
    bool good;
    struct pgcensus_error error;
};

static void parsed_fini(struct parsed *parsed)
{
    options_fini(&table, &parsed->arguments);
    option_list_fini(&parsed->words);
}
AUTO_DEFINE_VALUE(struct parsed, parsed_fini)

/* Words are separated by single blanks; ' is an empty word. */
static void parse(struct parsed *parsed, const char *line)
{
    *parsed = (struct parsed){0};
    assert_true(strlen(line) < sizeof parsed->line);
    memcpy(parsed->line, line, strlen(line) + 1);
    size_t n = 0;
    char *rest = parsed->line;
    for (char *word; rest && *rest && (word = strsep(&rest, " "));) {
        if (strcmp(word, "'") == 0)
            *word = '\0';
        assert_true(n + 1 < ARRAY_SIZE(parsed->argv));
        parsed->argv[n++] = word;
    }
    parsed->good = options_parse(&table, parsed->argv, &parsed->arguments,
                                 &parsed->words, &parsed->error);
}

#define PARSED(line)                                                                   \
    AUTO(parsed_fini) struct parsed parsed;                                            \
    parse(&parsed, line)

static void assert_good(const struct parsed *parsed)
{
    if (!parsed->good)
        fail_msg("%s", parsed->error.message);
}

static void assert_refused(const char *line, const char *message)
{
    PARSED(line);
    assert_false(parsed.good);
    assert_int_equal(parsed.error.trouble, PGCENSUS_TROUBLE_USAGE);
    assert_string_equal(parsed.error.message, message);
}

static void nothing_is_all_zeros(void **state)
{
    PARSED("");
    assert_good(&parsed);
    struct arguments zeros = {0};
    assert_memory_equal(&parsed.arguments, &zeros, sizeof zeros);
    assert_int_equal(parsed.words.n, 0);
}

static void a_value_stands_in_the_same_word_or_in_the_next(void **state)
{
    static const char *const lines[] = {"--config=a.yaml", "--config a.yaml",
                                        "-Ca.yaml", "-C a.yaml"};
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        PARSED(lines[i]);
        assert_good(&parsed);
        assert_string_equal(parsed.arguments.config, "a.yaml");
        assert_int_equal(parsed.words.n, 0);
    }
}

static void a_value_may_be_empty_or_begin_with_a_hyphen(void **state)
{
    {
        PARSED("--config=");
        assert_good(&parsed);
        assert_string_equal(parsed.arguments.config, "");
    }
    {
        PARSED("-C '");
        assert_good(&parsed);
        assert_string_equal(parsed.arguments.config, "");
    }
    {
        PARSED("--config --all -C -q");
        assert_good(&parsed);
        assert_string_equal(parsed.arguments.config, "-q");
        assert_false(parsed.arguments.shown.all || parsed.arguments.shown.quiet);
    }
    {
        PARSED("--config=a=b");
        assert_good(&parsed);
        assert_string_equal(parsed.arguments.config, "a=b");
    }
}

static void letters_are_bundled(void **state)
{
    PARSED("-qtCa.yaml -xq?");
    assert_good(&parsed);
    assert_true(parsed.arguments.shown.quiet && parsed.arguments.shown.tuples);
    assert_true(parsed.arguments.shown.help);
    assert_string_equal(parsed.arguments.config, "a.yaml");
    assert_int_equal(parsed.arguments.shown.expanded, 1);
}

static void options_and_words_mix(void **state)
{
    PARSED("show -q pg-a --json - pg-b");
    assert_good(&parsed);
    assert_int_equal(parsed.words.n, 4);
    assert_string_equal(parsed.words.items[0], "show");
    assert_string_equal(parsed.words.items[1], "pg-a");
    assert_string_equal(parsed.words.items[2], "-");
    assert_string_equal(parsed.words.items[3], "pg-b");
    assert_true(parsed.arguments.shown.quiet);
    assert_int_equal(parsed.arguments.shown.format, 1);
}

static void two_hyphens_end_the_options(void **state)
{
    PARSED("-q -- --all -t --");
    assert_good(&parsed);
    assert_int_equal(parsed.words.n, 3);
    assert_string_equal(parsed.words.items[0], "--all");
    assert_string_equal(parsed.words.items[2], "--");
    assert_false(parsed.arguments.shown.all || parsed.arguments.shown.tuples);
}

static void lists_keep_their_order_and_single_values_the_last(void **state)
{
    PARSED("-n a --node=b -nc --json --format csv -j 2 -j 3");
    assert_good(&parsed);
    assert_int_equal(parsed.arguments.nodes.n, 3);
    assert_string_equal(parsed.arguments.nodes.items[0], "a");
    assert_string_equal(parsed.arguments.nodes.items[2], "c");
    assert_int_equal(parsed.arguments.shown.format, 2);
    assert_int_equal(parsed.arguments.jobs, 3);
}

static void a_long_list(void **state)
{
    char *argv[2001];
    for (size_t i = 0; i < 2000; i += 2) {
        argv[i] = (char *)"-n";
        argv[i + 1] = (char *)"x";
    }
    argv[2000] = NULL;
    AUTO(parsed_fini) struct parsed parsed = {0};
    assert_true(
        options_parse(&table, argv, &parsed.arguments, &parsed.words, &parsed.error));
    assert_int_equal(parsed.arguments.nodes.n, 1000);
}

static void an_optional_value_is_never_the_next_word(void **state)
{
    {
        PARSED("--expanded=auto");
        assert_good(&parsed);
        assert_int_equal(parsed.arguments.shown.expanded, 2);
    }
    {
        PARSED("-x auto --expanded off");
        assert_good(&parsed);
        assert_int_equal(parsed.arguments.shown.expanded, 1);
        assert_int_equal(parsed.words.n, 2);
    }
    {
        PARSED("-tx=auto");
        assert_good(&parsed);
        assert_true(parsed.arguments.shown.tuples);
        assert_int_equal(parsed.arguments.shown.expanded, 2);
    }
    assert_refused("-x=of", "-x: unknown value \"of\" (did you mean \"off\"?), use "
                            "off, on or auto");
    assert_refused("-x=", "-x: unknown value \"\", use off, on or auto");
}

static void durations_have_units(void **state)
{
    PARSED("-T 1.5s");
    assert_good(&parsed);
    assert_int_equal(parsed.arguments.timeout, 1500 * NSEC_PER_MSEC);
    assert_refused("-T 5", "-T: 5 needs a unit: 5ms, 5s or 5m");
    assert_refused(
        "--timeout=5x",
        "--timeout: \"5x\" has an unknown unit; units are us, ms, s, m, h and d");
    assert_refused("-T -5s", "-T: \"-5s\" is not a duration such as 250ms, 5s or 1h");
    assert_refused("-T 999999999999999999999d",
                   "-T: \"999999999999999999999d\" is too large");
    assert_refused("-T 0", "-T: must be longer than 0, such as 5s");
}

static void counts_have_limits(void **state)
{
    assert_refused("-j 0", "-j: \"0\" is not a whole number from 1 to 1000");
    assert_refused("-j 1001", "-j: \"1001\" is not a whole number from 1 to 1000");
    assert_refused("--jobs=0x10",
                   "--jobs: \"0x10\" is not a whole number from 1 to 1000");
}

static void choices_are_suggested(void **state)
{
    assert_refused("--format jsn",
                   "--format: unknown value \"jsn\" (did you mean \"json\"?), use "
                   "table, json or csv");
    assert_refused("--format=parquet",
                   "--format: unknown value \"parquet\", use table, "
                   "json or csv");
    assert_refused("--format=", "--format: unknown value \"\", use table, json or csv");
}

static void unknown_options_are_refused(void **state)
{
    assert_refused("--tiemout 5s",
                   "unknown option --tiemout (did you mean --timeout?)");
    assert_refused("--frobnicate", "unknown option --frobnicate");
    assert_refused("-z", "unknown option -z");
    assert_refused("-qz", "unknown option -z");
    assert_refused("-q-", "unknown option --");
}

static void nothing_is_abbreviated(void **state)
{
    assert_refused("--conf a.yaml", "unknown option --conf (did you mean --config?)");
    assert_refused("--exp", "unknown option --exp (did you mean --expanded?)");
    assert_refused("--=a", "unknown option --");
}

static void a_value_behind_an_unknown_name_is_not_quoted(void **state)
{
    assert_refused("--passwort=geheim", "unknown option --passwort");
}

static void values_where_none_belong_and_none_where_one_does(void **state)
{
    assert_refused("--all=yes", "--all takes no value");
    assert_refused("--config", "--config needs a value: --config FILE");
    assert_refused("-q -C", "-C needs a value: -C FILE");
}

/* A --json behind the mistake decides how the mistake is told. */
static void reading_goes_on_behind_the_first_mistake(void **state)
{
    PARSED("--bogus -j x --json -C a.yaml");
    assert_false(parsed.good);
    assert_string_equal(parsed.error.message, "unknown option --bogus");
    assert_int_equal(parsed.arguments.shown.format, 1);
    assert_string_equal(parsed.arguments.config, "a.yaml");
}

static const char *name_found(const char *word)
{
    const struct option *option = options_find(&table, word);
    return option ? option->name : "";
}

static void the_option_of_a_word(void **state)
{
    assert_string_equal(name_found("-C"), "config");
    assert_string_equal(name_found("-Ca.yaml"), "config");
    assert_string_equal(name_found("--config=a.yaml"), "config");
    assert_string_equal(name_found("--conf"), "");
    assert_string_equal(name_found("-z"), "");
    assert_string_equal(name_found("--"), "");
    assert_string_equal(name_found("-"), "");
    assert_string_equal(name_found(""), "");
    assert_string_equal(name_found("config"), "");
}

static void parts_are_written_where_they_are(void **state)
{
    PARSED("-L a -qC x --json -L b --limit=c -j 7");
    const struct arguments *arguments = &parsed.arguments;
    assert_true(parsed.good && arguments->shown.quiet && !arguments->shown.all);
    assert_string_equal(arguments->config, "x");
    assert_int_equal(arguments->jobs, 7);
    assert_int_equal(arguments->shown.format, 1);
    assert_int_equal(arguments->nodes.n, 0);
    assert_int_equal(arguments->passed_over.limits.n, 3);
    assert_string_equal(arguments->passed_over.limits.items[2], "c");
}

static void what_is_not_listed_is_found_and_not_suggested(void **state)
{
    struct option_at at = {0};
    for (const struct option *option; (option = option_next(&table, &at));)
        assert_string_not_equal(option->name, "limit");
    assert_string_equal(options_find(&table, "--limit=x")->name, "limit");
    assert_string_equal(options_find(&table, "-Lx")->name, "limit");
    PARSED("--limt=3");
    assert_string_equal(parsed.error.message, "unknown option --limt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_written_where_they_are),
        cmocka_unit_test(what_is_not_listed_is_found_and_not_suggested),
        cmocka_unit_test(nothing_is_all_zeros),
        cmocka_unit_test(a_value_stands_in_the_same_word_or_in_the_next),
        cmocka_unit_test(a_value_may_be_empty_or_begin_with_a_hyphen),
        cmocka_unit_test(letters_are_bundled),
        cmocka_unit_test(options_and_words_mix),
        cmocka_unit_test(two_hyphens_end_the_options),
        cmocka_unit_test(lists_keep_their_order_and_single_values_the_last),
        cmocka_unit_test(a_long_list),
        cmocka_unit_test(an_optional_value_is_never_the_next_word),
        cmocka_unit_test(durations_have_units),
        cmocka_unit_test(counts_have_limits),
        cmocka_unit_test(choices_are_suggested),
        cmocka_unit_test(unknown_options_are_refused),
        cmocka_unit_test(nothing_is_abbreviated),
        cmocka_unit_test(the_option_of_a_word),
        cmocka_unit_test(a_value_behind_an_unknown_name_is_not_quoted),
        cmocka_unit_test(values_where_none_belong_and_none_where_one_does),
        cmocka_unit_test(reading_goes_on_behind_the_first_mistake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

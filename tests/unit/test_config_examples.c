/* The files in config/ are examples that people copy: each is loaded here, and the
 * full one is what `config example` prints and names every key. */
#include "config/keys.h"

#include "base/buf.h"
#include "base/memory.h"
#include "config/read/input_file.h"
#include "config_stage.h"

#include <string.h>

static struct input_file read_example(const char *name)
{
    struct input_file file;
    char reason[INPUT_FILE_REASON] = "";
    AUTO(free)
    char *path = memory_format("%s/%s", getenv("EXAMPLES"), name);
    if (!input_file_read(path, 1 << 20, &file, reason))
        fail_msg("%s %s", path, reason);
    return file;
}

static void all_examples_can_be_loaded(void **state)
{
    static const struct {
        const char *name, *said;
        size_t nodes;
    } examples[] = {
        {"minimal.yaml", "", 2},
        {"tls.yaml", "", 3},
        {"full.yaml", "note: breaker: is checked but not judged by this version\n", 3},
    };
    for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
        AUTO(input_file_fini) struct input_file file = read_example(examples[i].name);
        AUTO(loaded_fini) struct loaded loaded = stage_load(file.bytes, NULL);
        /* The certificates that they name are nowhere; that is only a warning. */
        const char *note = strstr(stage_said(&loaded), "note: ");
        assert_string_equal(note ? note : "", examples[i].said);
        assert_non_null(loaded.config);
        assert_int_equal(pgcensus_config_size(loaded.config), examples[i].nodes);
    }
}

static void the_template_is_the_full_example(void **state)
{
    AUTO(input_file_fini) struct input_file file = read_example("full.yaml");
    assert_string_equal(pgcensus_config_example(), file.bytes);
}

/* A template that hides a key might as well not have it. */
static void the_template_names_every_key(void **state)
{
    for (unsigned key = 0; key < KEY_COUNT; key++) {
        const char *path = key_row((enum key)key)->path, *dot = strrchr(path, '.');
        AUTO(free) char *name = memory_format("%s:", dot ? dot + 1 : path);
        if (!strstr(pgcensus_config_example(), name))
            fail_msg("%s is not in the template", path);
    }
    assert_non_null(strstr(pgcensus_config_example(), "labels:"));
}

/* "# key: value", unless it is for a libpq that we may not have. */
static bool is_setting(const char *text, size_t n)
{
    if (strncmp(text, "# ", 2) != 0 || memmem(text, n, "libpq 16", 8))
        return false;
    const char *end = text + 2 + strspn(text + 2, " abcdefghijklmnopqrstuvwxyz_");
    return end[0] == ':' && (end[1] == ' ' || end[1] == '\n');
}

static void add_uncommented(struct buf *yaml, const char *template)
{
    for (const char *line = template; *line;) {
        size_t n = strcspn(line, "\n") + 1, blanks = strspn(line, " ");
        size_t mark = is_setting(line + blanks, n - blanks) ? 2 : 0;
        buf_add(yaml, line, blanks);
        buf_add(yaml, line + blanks + mark, n - blanks - mark);
        line += n;
    }
}

/* What is commented out must be right as well. */
static void the_comments_of_the_template_are_right(void **state)
{
    AUTO(buf_fini) struct buf yaml = BUF_INIT;
    add_uncommented(&yaml, pgcensus_config_example());
    assert_non_null(strstr(yaml.bytes, "\n  sslmode_min: require"));
    assert_non_null(strstr(yaml.bytes, "\n    latency: {warn"));
    assert_non_null(strstr(yaml.bytes, "\n    uptime: {warn"));
    stage_write(".pg_service.conf", "[orders]\nport=5432\n", 0600);
    setenv("PGCENSUS_PW", "hunter2", true);
    setenv("PGCENSUS_KEY_PW", "hunter2", true);
    AUTO(loaded_fini) struct loaded loaded = stage_load(yaml.bytes, NULL);
    unsetenv("PGCENSUS_PW");
    unsetenv("PGCENSUS_KEY_PW");
    unlink(".pg_service.conf");

    /* The files that it names are nobody's here. */
    for (size_t i = 0; i < loaded.diagnostics.n; i++) {
        const struct pgcensus_diagnostic *item = &loaded.diagnostics.items[i];
        if (item->severity == PGCENSUS_SEVERITY_ERROR &&
            !strstr(item->message, "No such file"))
            fail_msg("%u: %s", item->line, item->message);
    }
    assert_int_equal(loaded.diagnostics.n_errors, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_examples_can_be_loaded),
        cmocka_unit_test(the_template_is_the_full_example),
        cmocka_unit_test(the_template_names_every_key),
        cmocka_unit_test(the_comments_of_the_template_are_right),
    };
    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}

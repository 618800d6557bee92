/* What people read when a configuration is wrong: every NAME.yaml of $GOLDEN against
 * NAME.expected beside it. */
#include "../unit/config_stage.h"

#include "config/read/input_file.h"
#include "golden.h"
#include "report/diagnostics.h"

#include <dirent.h>
#include <string.h>

static int is_yaml(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".yaml") == 0;
}

static void print_complaints(const char *name, struct buf *out)
{
    char path[1024], reason[INPUT_FILE_REASON];
    AUTO(input_file_fini) struct input_file file = {.bytes = NULL};
    snprintf(path, sizeof path, "%s/%s", getenv("GOLDEN"), name);
    if (!input_file_read(path, 1 << 20, &file, reason))
        fail_msg("%s %s", path, reason);
    AUTO(loaded_fini) struct loaded loaded = stage_load(file.bytes, NULL);
    for (size_t i = 0; i < loaded.diagnostics.n; i++) {
        struct pgcensus_diagnostic *item = &loaded.diagnostics.items[i];
        if (strstr(item->file, "/nodes.yaml"))
            strcpy((char *)item->file, "nodes.yaml");
    }
    report_diagnostics(&loaded.diagnostics, true, out);
    buf_add_format(out, "-> %s\n", loaded.config ? "good" : "refused");
}

static void mistakes_are_told_as_expected(void **state)
{
    struct dirent **entries;
    int n = scandir(getenv("GOLDEN"), &entries, is_yaml, alphasort);
    assert_true(n > 10);
    for (int i = 0; i < n; i++) {
        char name[256];
        AUTO(buf_fini) struct buf out = BUF_INIT;
        print_complaints(entries[i]->d_name, &out);
        assert_null(strstr(out.bytes, "hunter2"));
        snprintf(name, sizeof name, "%.*s.expected",
                 (int)(strlen(entries[i]->d_name) - strlen(".yaml")),
                 entries[i]->d_name);
        assert_golden(name, &out);
        free(entries[i]);
    }
    free(entries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(mistakes_are_told_as_expected)};
    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}

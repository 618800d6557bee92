#include "config_stage.h"

#include "base/buf.h"

#include <string.h>

static const char inventory[] =
    "groups: [{name: orders}, {name: users}, {name: empty}]\n"
    "nodes:\n"
    "  - {name: pg-a1, host: x, group: orders, labels: [dc=fra, tier=gold]}\n"
    "  - {name: pg-a2, host: x, group: orders, labels: [dc=ber]}\n"
    "  - {name: pg-b1, host: x, group: users, labels: [dc=fra]}\n"
    "  - {name: lone, host: x, enabled: false}\n";

static bool select_nodes(const struct pgcensus_selection *selection, struct buf *names,
                         struct pgcensus_error *ret_error)
{
    AUTO(loaded_fini) struct loaded loaded = assert_loads(inventory);
    AUTO(free) bool *selected = NULL;
    if (!pgcensus_config_select(loaded.config, selection, &selected, ret_error))
        return false;
    for (size_t i = 0; i < pgcensus_config_size(loaded.config); i++)
        if (selected[i])
            buf_add_format(names, "%s%s", names->len ? " " : "",
                           pgcensus_config_node(loaded.config, i)->name);
    return true;
}

/* Blanks between the words of each list; NULL: none. */
struct story {
    const char *nodes, *groups, *labels, *result;
};

static size_t split(char *text, const char **words)
{
    size_t n = 0;
    for (char *word = strsep(&text, " "); word; word = strsep(&text, " "))
        words[n++] = word;
    return n;
}

static void tell(const struct story *story, enum pgcensus_trouble trouble)
{
    char texts[3][128];
    const char *words[3][8];
    size_t n[3] = {0};
    const char *const lists[3] = {story->nodes, story->groups, story->labels};
    for (int i = 0; i < 3; i++)
        if (lists[i]) {
            snprintf(texts[i], sizeof texts[i], "%s", lists[i]);
            n[i] = split(texts[i], words[i]);
        }
    const struct pgcensus_selection selection = {
        .nodes = words[0],
        .n_nodes = n[0],
        .groups = words[1],
        .n_groups = n[1],
        .labels = words[2],
        .n_labels = n[2],
    };
    AUTO(buf_fini) struct buf names = BUF_INIT;
    struct pgcensus_error error = {.trouble = PGCENSUS_TROUBLE_NONE};
    bool good = select_nodes(&selection, &names, &error);
    assert_int_equal(error.trouble, trouble);
    assert_string_equal(good ? names.bytes : error.message, story->result);
}

static void nodes_are_selected_by_all_that_is_asked(void **state)
{
    static const struct story stories[] = {
        {NULL, NULL, NULL, "pg-a1 pg-a2 pg-b1 lone"},
        {"pg-a1", NULL, NULL, "pg-a1"},
        {"lone pg-a1", NULL, NULL, "pg-a1 lone"},
        {"pg-a1,lone", NULL, NULL, "pg-a1 lone"},
        {"pg-*", NULL, NULL, "pg-a1 pg-a2 pg-b1"},
        {"pg-?1", NULL, NULL, "pg-a1 pg-b1"},
        {"pg-[a]*", NULL, NULL, "pg-a1 pg-a2"},
        {"pg-* !pg-a2", NULL, NULL, "pg-a1 pg-b1"},
        {"!pg-a2 pg-*", NULL, NULL, "pg-a1 pg-b1"},
        {"pg-*,!pg-a*", NULL, NULL, "pg-b1"},
        {"!pg-*", NULL, NULL, "lone"},
        {"!lone", NULL, NULL, "pg-a1 pg-a2 pg-b1"},
        {NULL, "orders", NULL, "pg-a1 pg-a2"},
        {NULL, "orders,users", NULL, "pg-a1 pg-a2 pg-b1"},
        {NULL, "orders users", NULL, "pg-a1 pg-a2 pg-b1"},
        {NULL, "orders empty", NULL, "pg-a1 pg-a2"},
        {NULL, NULL, "dc=fra", "pg-a1 pg-b1"},
        {NULL, NULL, "dc=fra tier=gold", "pg-a1"},
        {"pg-*1", "orders", "dc=fra", "pg-a1"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
        tell(&stories[i], PGCENSUS_TROUBLE_NONE);
}

#define NOTHING                                                                        \
    "no node is selected: none of the 4 nodes has that name, group and labels"

static void says_why_not(void **state)
{
    static const struct story stories[] = {
        {"pg-c1", NULL, NULL, "no node is named \"pg-c1\"; did you mean \"pg-a1\"?"},
        {"nothing-like-it", NULL, NULL, "no node is named \"nothing-like-it\""},
        {"!pg-a3", NULL, NULL, "no node is named \"pg-a3\"; did you mean \"pg-a1\"?"},
        {NULL, "order", NULL, "no group is named \"order\"; did you mean \"orders\"?"},
        {"\x1b", NULL, NULL, "no node is named \"\\x1b\""},
        {"x*", NULL, NULL, NOTHING},
        {"!*", NULL, NULL, NOTHING},
        {NULL, "empty", NULL, NOTHING},
        {NULL, NULL, "dc=ams", NOTHING},
        {NULL, NULL, "dc=fra dc=ber", NOTHING},
        {"pg-a1", "users", NULL, NOTHING},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
        tell(&stories[i], PGCENSUS_TROUBLE_SELECTION);
}

/* "$NODES" of a script that never set it must not select everything. */
static void refuses_what_names_nothing(void **state)
{
    static const struct story stories[] = {
        {"", NULL, NULL, "-n: a name is empty"},
        {"!", NULL, NULL, "-n: a name is empty"},
        {"pg-a1,,lone", NULL, NULL, "-n: a name is empty"},
        {"pg-a1,", NULL, NULL, "-n: a name is empty"},
        {NULL, "", NULL, "-g: a name is empty"},
        {NULL, "orders,", NULL, "-g: a name is empty"},
        {NULL, NULL, "", "-l: a label is empty"},
        {NULL, NULL, "dc", "label \"dc\" is not KEY=VALUE"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
        tell(&stories[i], PGCENSUS_TROUBLE_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_are_selected_by_all_that_is_asked),
        cmocka_unit_test(says_why_not),
        cmocka_unit_test(refuses_what_names_nothing),
    };
    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}

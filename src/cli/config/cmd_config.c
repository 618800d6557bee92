/* pgcensus config: is the configuration right, what does it come to, how does one
 * begin.  The action is the first argument, not a command of its own, so that options
 * may stand before it; they are the same for all three. */
#include "cli/exit_status.h"
#include "cli/parse/suggest.h"
#include "cli/shared/common.h"
#include "cli/shared/inventory.h"
#include "cli/term/messages.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "report/diagnostics.h"
#include "report/settings.h"

#include <string.h>

static const struct option format_options[] = {
    COMMON_FORMAT(report_settings_writes,
                  "The documents are described in *pgcensus-json*(7)."),
};
static const struct option_group format_group = {"Output", format_options,
                                                 ARRAY_SIZE(format_options)};

static const struct option_group *const groups[] = {
    &common_source, &common_selection, &format_group, &common_columns,
    &common_output, &common_general,   NULL,
};

static const struct example examples[] = {
    {"pgcensus config example > nodes.yaml", "begin with a commented template"},
    {"pgcensus config check -C nodes.yaml", "all its mistakes at once"},
    {"pgcensus config show pg-a", "every setting of a node and where it comes from"},
};

/* ---- check ---- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Groups that nodes are in; false: no memory. */
static bool count_groups(const struct pgcensus_config *config, size_t *ret_n)
{
    size_t n_nodes = pgcensus_config_size(config), n_names = 0, n = 0;
    AUTO(free) const char **names = memory_array(n_nodes, sizeof *names);
    if (!names)
        return false;
    for (size_t i = 0; i < n_nodes; i++) {
        const char *group = pgcensus_config_node(config, i)->group;
        if (group)
            names[n_names++] = group;
    }
    qsort(names, n_names, sizeof *names, compare_names);
    for (size_t i = 0; i < n_names; i++)
        n += i == 0 || strcmp(names[i - 1], names[i]) != 0;
    *ret_n = n;
    return true;
}

static void add_count(struct buf *out, size_t n, const char *noun)
{
    buf_add_format(out, ", %zu %s%s", n, noun, n == 1 ? "" : "s");
}

static bool format_praise(const struct pgcensus_config *config, struct buf *out)
{
    size_t n_groups;
    if (!count_groups(config, &n_groups))
        return false;
    const char *path = pgcensus_config_path(config);
    text_add_safe_str(out, path ? path : "command line");
    buf_add_str(out, ": ok");
    add_count(out, pgcensus_config_size(config), "node");
    if (n_groups > 0)
        add_count(out, n_groups, "group");
    buf_add_char(out, '\n');
    return true;
}

static bool is_document(const struct common *common)
{
    enum format_kind kind = common_format(common)->kind;
    return kind == FORMAT_DOCUMENT || kind == FORMAT_LINES;
}

/* A configuration that is wrong is what this command is asked about: the document with
 * its mistakes takes the place of the one that says that a run could not start. */
static int refuse_config(const struct common *common,
                         const struct pgcensus_diagnostics *diagnostics,
                         const struct pgcensus_error *error)
{
    inventory_tell(common, diagnostics, error);
    if (!is_document(common) || diagnostics->n_errors == 0)
        return common_refuse_told(common, error);
    AUTO(buf_fini) struct buf out = BUF_INIT;
    report_diagnostics_json(diagnostics, &out);
    common_deliver(common, &out);
    return EXIT_NOT_JUDGED;
}

/* Notes, too: what other commands keep for -v is what this one is asked about. */
static void tell_all(const struct common *common,
                     const struct pgcensus_diagnostics *diagnostics)
{
    struct common with_notes = *common;
    with_notes.verbose |= !common->quiet;
    inventory_tell(&with_notes, diagnostics, NULL);
}

static int run_check(const struct program *program, const struct common *common)
{
    struct pgcensus_error error;
    AUTO(pgcensus_diagnostics_free) struct pgcensus_diagnostics diagnostics = {0};
    AUTO(pgcensus_config_free)
    struct pgcensus_config *config = inventory_load(common, &diagnostics, &error);
    if (!config)
        return refuse_config(common, &diagnostics, &error);

    tell_all(common, &diagnostics);
    AUTO(buf_fini) struct buf out = BUF_INIT;
    if (is_document(common))
        report_diagnostics_json(&diagnostics, &out);
    else if (!common->quiet && !format_praise(config, &out))
        out.broken = true;
    return common_deliver(common, &out);
}

/* ---- show ---- */

/* Every selected node with its effective settings. */
static bool collect_settings(const struct inventory *inventory,
                             struct settings_of_node **ret_nodes,
                             struct pgcensus_error *ret_error)
{
    struct settings_of_node *nodes = memory_array(inventory->n_selected, sizeof *nodes);
    if (!nodes)
        return error_memory(ret_error);
    size_t n = 0;
    for (size_t i = 0; i < pgcensus_config_size(inventory->config); i++) {
        if (!inventory->selected[i])
            continue;
        nodes[n].node = pgcensus_config_node(inventory->config, i)->name;
        nodes[n].n = pgcensus_config_settings(inventory->config, i, &nodes[n].settings);
        n++;
    }
    *ret_nodes = nodes;
    return true;
}

/* What was given to -n, and the arguments behind "show". */
static bool collect_names(const struct common *common, struct option_list *names)
{
    for (size_t i = 0; i < common->nodes.n; i++) {
        if (!option_list_add(names, common->nodes.items[i]))
            return false;
    }
    for (size_t i = 1; i < common->words.n; i++) {
        if (!option_list_add(names, common->words.items[i]))
            return false;
    }
    return true;
}

static int show(const struct program *program, const struct common *common,
                const struct inventory *inventory)
{
    struct pgcensus_error error;
    AUTO(free) struct settings_of_node *nodes = NULL;
    if (!collect_settings(inventory, &nodes, &error))
        return common_refuse(common, &error);
    struct row_view view;
    common_view(common, &program->terminal, &view);
    AUTO(buf_fini) struct buf out = BUF_INIT;
    do
        report_settings(nodes, inventory->n_selected, &view, &out);
    while (common_look_again(common, &view.look, &out));
    return common_deliver(common, &out);
}

static int run_show(const struct program *program, const struct common *common)
{
    struct pgcensus_error error;
    AUTO(option_list_fini) struct option_list names = {0};
    if (!collect_names(common, &names)) {
        error_memory(&error);
        return common_refuse(common, &error);
    }
    struct common chosen = *common;
    chosen.nodes = names;
    AUTO(inventory_fini) struct inventory inventory = {0};
    if (!inventory_open(&chosen, &inventory, &error))
        return common_refuse_told(common, &error);
    return show(program, common, &inventory);
}

/* ---- example ---- */

static int run_example(const struct program *program, const struct common *common)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    buf_add_str(&out, pgcensus_config_example());
    return common_deliver(common, &out);
}

/* ---- which of them ---- */

static bool check_writes(enum format_kind kind)
{
    return kind == FORMAT_PAGE || kind == FORMAT_DOCUMENT || kind == FORMAT_LINES;
}

static bool example_writes(enum format_kind kind)
{
    return kind == FORMAT_PAGE;
}

enum action { CHECK, SHOW, EXAMPLE, ACTIONS };

static const char *const action_names[ACTIONS + 1] = {
    [CHECK] = "check", [SHOW] = "show", [EXAMPLE] = "example"};

static const struct {
    int (*run)(const struct program *program, const struct common *common);
    bool (*writes)(enum format_kind kind);
} actions[ACTIONS] = {
    [CHECK] = {run_check, check_writes},
    [SHOW] = {run_show, report_settings_writes},
    [EXAMPLE] = {run_example, example_writes},
};

static bool has_format(enum action action, const struct common *common,
                       struct pgcensus_error *ret_error)
{
    const struct option row = COMMON_FORMAT(actions[action].writes, NULL);
    AUTO(buf_fini) struct buf known = BUF_INIT;
    if (row.writes(common_format(common)->kind))
        return true;
    option_add_choices(&row, &known);
    return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                     "config %s cannot write %s, use %s", action_names[action],
                     common_format(common)->name, known.bytes);
}

static bool has_columns(enum action action, const struct common *common,
                        struct pgcensus_error *ret_error)
{
    if (action == SHOW)
        return common_columns_make_sense(common, &setting_fields, ret_error);
    return (!common->columns && !common->sort) ||
           error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                     "--columns and --sort belong to config show");
}

static bool find_action(const struct common *common, enum action *ret_action,
                        struct pgcensus_error *ret_error)
{
    static const struct option argument = {.choices = action_names};
    if (common->words.n == 0)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "config needs to know what to do: check, show or example");
    int action = 0;
    if (!option_choice(&argument, common->words.items[0], &action, ret_error))
        return false;
    if (action != SHOW && common->words.n > 1)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "config %s takes no argument; the file is given by -C",
                         action_names[action]);
    *ret_action = (enum action)action;
    return has_format(*ret_action, common, ret_error) &&
           has_columns(*ret_action, common, ret_error);
}

static int run(const struct program *program, const void *arguments)
{
    const struct common *common = arguments;
    struct pgcensus_error error;
    enum action action = CHECK;
    if (!find_action(common, &action, &error))
        return common_refuse_usage(common, command_config.name, &error);
    return actions[action].run(program, common);
}

const struct command command_config = {
    .name = "config",
    .summary = "check the configuration, show what it comes to, print a template",
    .words = "check|show [NODE...]|example",
    .purpose =
        "check reads the configuration and names all its mistakes at once, by "
        "line and column. show prints the effective settings of every node, or "
        "of those that are named, and where each comes from; secrets are masked. "
        "example prints a commented template.",
    .examples = examples,
    .n_examples = ARRAY_SIZE(examples),
    .exit_status = "0 the configuration can be used; 3 it cannot",
    .options = {.groups = groups, .unlisted = &common_asking},
    .arguments_size = sizeof(struct common),
    .first_words = action_names,
    .offer = OFFER_NODES,
    .run = run,
};

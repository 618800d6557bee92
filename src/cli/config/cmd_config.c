/* pgcensus config: check, show or print a template of a configuration.  The action is
 * the first argument, not a command of its own, so that options may stand before it;
 * they are the same for all three. */
#include "cli/command.h"
#include "cli/exit_status.h"
#include "cli/parse/option_types.h"
#include "cli/parse/suggest.h"
#include "cli/shared/general_options.h"
#include "cli/shared/inventory.h"
#include "cli/shared/refuse.h"
#include "cli/term/messages.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "report/diagnostics.h"
#include "report/settings.h"

#include <string.h>

struct config_arguments {
    struct general_options general;
    struct source_options source;
    struct selection_options selection;
    struct column_options columns;
    struct output_options output;
    /* Understood, so that a command line of check can be looked at.  Timeouts and
     * limits are settings of nodes; nothing reads the other ones. */
    struct check_options check;
};

static const struct option format_rows[] = {
    OUTPUT_FORMAT(report_settings_writes,
                  "The documents are described in *pgcensus-json*(7)."),
};
static const struct option_group format_options = {"Output", format_rows,
                                                   ARRAY_SIZE(format_rows)};

#define PART(group, type, member)                                                      \
    OPTION_PART(group, struct type, struct config_arguments, member)

static const struct option_part parts[] = {
    PART(source_options, source_options, source),
    PART(selection_options, selection_options, selection),
    PART(format_options, output_options, output),
    PART(column_options, column_options, columns),
    PART(output_options, output_options, output),
    PART(general_options, general_options, general),
    {NULL, 0},
};

static const struct option_part parts_of_check[] = {
    PART(facts_options, facts_options, check.facts),
    PART(result_options, result_options, check.results),
    PART(time_options, time_options, check.time),
    PART(limit_options, limit_options, check.limits),
    PART(verdict_options, verdict_options, check.verdict),
    PART(history_options, history_options, check.history),
    {NULL, 0},
};
static const struct option_table of_check = {.parts = parts_of_check,
                                             .unlisted = &foreign_table};

static struct node_request request_of(const struct config_arguments *arguments)
{
    return (struct node_request){
        .source = &arguments->source,
        .selection = &arguments->selection,
        .time = &arguments->check.time,
        .limits = &arguments->check.limits,
        .output = &arguments->output,
    };
}

static const struct example examples[] = {
    {"pgcensus config example > nodes.yaml", "begin with a commented template"},
    {"pgcensus config check -C nodes.yaml", "all its mistakes at once"},
    {"pgcensus config show pg-a", "every setting of a node and where it comes from"},
};

/* ---- check ---- */

static int compare_group_names(const void *a, const void *b)
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
    qsort(names, n_names, sizeof *names, compare_group_names);
    for (size_t i = 0; i < n_names; i++)
        n += i == 0 || strcmp(names[i - 1], names[i]) != 0;
    *ret_n = n;
    return true;
}

static void add_noun(struct buf *out, size_t n, const char *noun)
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
    add_noun(out, pgcensus_config_size(config), "node");
    if (n_groups > 0)
        add_noun(out, n_groups, "group");
    buf_add_char(out, '\n');
    return true;
}

static bool is_document(const struct output_options *output)
{
    enum format_kind kind = output_format(output)->kind;
    return kind == FORMAT_DOCUMENT || kind == FORMAT_LINES;
}

/* A configuration that is wrong is what this command is asked about: the document with
 * its mistakes is an answer and not an error. */
static int refuse_configuration(const struct output_options *output,
                                const struct pgcensus_diagnostics *diagnostics,
                                const struct pgcensus_error *error)
{
    inventory_tell(output->verbose, diagnostics, error);
    if (!is_document(output) || diagnostics->n_errors == 0)
        return refuse_told(output, error);
    AUTO(buf_fini) struct buf out = BUF_INIT;
    report_diagnostics_json(diagnostics, &out);
    deliver_or_refuse(output, &out);
    return EXIT_NOT_JUDGED;
}

static int config_check(const struct process *process,
                        const struct config_arguments *arguments)
{
    const struct output_options *output = &arguments->output;
    const struct node_request request = request_of(arguments);
    struct pgcensus_error error;
    AUTO(pgcensus_diagnostics_free) struct pgcensus_diagnostics diagnostics = {0};
    AUTO(pgcensus_config_free)
    struct pgcensus_config *config = inventory_load(&request, &diagnostics, &error);
    if (!config)
        return refuse_configuration(output, &diagnostics, &error);

    /* Notes, too: what other commands keep for -v is what this one is asked about. */
    inventory_tell(output->verbose || !output->quiet, &diagnostics, NULL);
    AUTO(buf_fini) struct buf out = BUF_INIT;
    if (is_document(output))
        report_diagnostics_json(&diagnostics, &out);
    else if (!output->quiet && !format_praise(config, &out))
        out.broken = true;
    return deliver_or_refuse(output, &out);
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
static bool collect_names(const struct config_arguments *arguments,
                          struct option_list *names)
{
    const struct option_list *nodes = &arguments->selection.nodes;
    const struct option_list *words = &arguments->general.words;
    for (size_t i = 0; i < nodes->n; i++) {
        if (!option_list_add(names, nodes->items[i]))
            return false;
    }
    for (size_t i = 1; i < words->n; i++) {
        if (!option_list_add(names, words->items[i]))
            return false;
    }
    return true;
}

static int print_settings(const struct process *process,
                          const struct config_arguments *arguments,
                          const struct inventory *inventory)
{
    const struct output_options *output = &arguments->output;
    struct pgcensus_error error;
    AUTO(free) struct settings_of_node *nodes = NULL;
    if (!collect_settings(inventory, &nodes, &error))
        return refuse_run(output, &error);
    struct row_view view;
    output_view(output, &arguments->columns, &process->terminal, &view);
    AUTO(buf_fini) struct buf out = BUF_INIT;
    do
        report_settings(nodes, inventory->n_selected, &view, &out);
    while (output_look_again(output, &view.look, &out));
    return deliver_or_refuse(output, &out);
}

static int config_show(const struct process *process,
                       const struct config_arguments *arguments)
{
    const struct output_options *output = &arguments->output;
    struct pgcensus_error error;
    AUTO(option_list_fini) struct option_list names = {0};
    if (!collect_names(arguments, &names)) {
        error_memory(&error);
        return refuse_run(output, &error);
    }
    struct selection_options selection = arguments->selection;
    struct node_request request = request_of(arguments);
    selection.nodes = names;
    request.selection = &selection;
    AUTO(inventory_fini) struct inventory inventory = {0};
    if (!inventory_open(&request, &inventory, &error))
        return refuse_told(output, &error);
    return print_settings(process, arguments, &inventory);
}

/* ---- example ---- */

static int config_example(const struct process *process,
                          const struct config_arguments *arguments)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    buf_add_str(&out, pgcensus_config_example());
    return deliver_or_refuse(&arguments->output, &out);
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
    int (*run)(const struct process *process, const struct config_arguments *arguments);
    bool (*writes)(enum format_kind kind);
} actions[ACTIONS] = {
    [CHECK] = {config_check, check_writes},
    [SHOW] = {config_show, report_settings_writes},
    [EXAMPLE] = {config_example, example_writes},
};

static bool has_format(enum action action, const struct format *format,
                       struct pgcensus_error *ret_error)
{
    const struct option row = OUTPUT_FORMAT(actions[action].writes, NULL);
    AUTO(buf_fini) struct buf known = BUF_INIT;
    if (row.writes(format->kind))
        return true;
    option_add_choices(&row, &known);
    return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                     "config %s cannot write %s, use %s", action_names[action],
                     format->name, known.bytes);
}

static bool has_columns(enum action action, const struct config_arguments *arguments,
                        struct pgcensus_error *ret_error)
{
    const struct column_options *columns = &arguments->columns;
    if (action == SHOW)
        return output_columns_make_sense(&arguments->output, columns, &setting_fields,
                                         ret_error);
    return (!columns->columns && !columns->sort) ||
           error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                     "--columns and --sort belong to config show");
}

static bool find_action(const struct config_arguments *arguments,
                        enum action *ret_action, struct pgcensus_error *ret_error)
{
    static const struct option argument = {.choices = action_names};
    const struct option_list *words = &arguments->general.words;
    if (words->n == 0)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "config needs to know what to do: check, show or example");
    int action = 0;
    if (!option_choice(&argument, words->items[0], &action, ret_error))
        return false;
    if (action != SHOW && words->n > 1)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "config %s takes no argument; the file is given by -C",
                         action_names[action]);
    *ret_action = (enum action)action;
    return has_format(*ret_action, output_format(&arguments->output), ret_error) &&
           has_columns(*ret_action, arguments, ret_error);
}

static int run_config(const struct process *process, const void *any)
{
    const struct config_arguments *arguments = any;
    struct pgcensus_error error;
    enum action action = CHECK;
    if (!find_action(arguments, &action, &error))
        return refuse_usage(&arguments->output, command_config.name, &error);
    return actions[action].run(process, arguments);
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
    .options = {.parts = parts, .unlisted = &of_check},
    .arguments_size = sizeof(struct config_arguments),
    .source_at = offsetof(struct config_arguments, source),
    .output_at = offsetof(struct config_arguments, output),
    .first_words = action_names,
    .offer = OFFER_NODES,
    .run = run_config,
};

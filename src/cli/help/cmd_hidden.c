/* Two commands for programs that belong to pgcensus itself: __options feeds the man
 * pages and the test that compares them with the help, __complete the completion
 * scripts.  Neither is a promise to other programs. */
#include "cli/command.h"
#include "cli/exit_status.h"
#include "cli/shared/deliver.h"
#include "cli/shared/general_options.h"
#include "cli/shared/inventory.h"

#include "base/json.h"
#include "base/memory.h"

#include <string.h>

static const struct option_part parts[] = {{&general_options, 0}, {NULL, 0}};

/* ---- __options: every command and option as JSON ---- */

static void add_option_json(struct json *json, const struct option *option)
{
    AUTO(buf_fini) struct buf help = BUF_INIT;
    option_add_help(option, &help);
    json_begin_object(json);
    json_key_string(json, "letters", option->letters ? option->letters : "");
    json_key_string(json, "name", option->name);
    json_key_string(json, "value", option->value);
    json_key_bool(json, "value_optional", option->value_optional);
    json_key_string(json, "help", help.bytes);
    json_key_string(json, "detail", option->detail);
    json_end_object(json);
}

/* As help shows them: what stands under one heading is one group. */
static void add_option_groups(struct json *json, const struct option_table *table)
{
    json_begin_array(json);
    for (size_t i = 0; table->parts[i].group; i++) {
        const struct option_group *group = table->parts[i].group;
        if (!option_group_continues(table, i)) {
            json_begin_object(json);
            json_key_string(json, "title", group->title);
            json_key(json, "options");
            json_begin_array(json);
        }
        for (size_t row = 0; row < group->n; row++)
            add_option_json(json, &group->options[row]);
        if (option_group_continues(table, i + 1))
            continue;
        json_end_array(json);
        json_end_object(json);
    }
    json_end_array(json);
}

static void add_command_json(struct json *json, const struct command *command)
{
    json_begin_object(json);
    json_key_string(json, "name", command->name);
    json_key_string(json, "summary", command->summary);
    json_key_string(json, "words", command->words);
    json_key_string(json, "purpose", command->purpose);
    json_key(json, "examples");
    json_begin_array(json);
    for (size_t i = 0; i < command->n_examples; i++) {
        json_begin_object(json);
        json_key_string(json, "line", command->examples[i].line);
        json_key_string(json, "says", command->examples[i].says);
        json_end_object(json);
    }
    json_end_array(json);
    json_key(json, "groups");
    add_option_groups(json, &command->options);
    json_end_object(json);
}

static int run_options(const struct process *process, const void *arguments)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    struct json json;
    json_init(&json, &out);
    json_begin_array(&json);
    for (size_t i = 0; command_all[i]; i++) {
        if (!command_all[i]->hidden)
            add_command_json(&json, command_all[i]);
    }
    json_end_array(&json);
    buf_add_char(&out, '\n');
    return deliver_and_exit(&out);
}

const struct command command_options = {
    .name = "__options",
    .summary = "every command and option as JSON",
    .purpose = "For the build of the man pages.",
    .options = {.parts = parts},
    .arguments_size = sizeof(struct general_options),
    .hidden = true,
    .run = run_options,
};

/* ---- __complete nodes|groups -- COMMAND WORD...: names, one a line ---- */

static bool is_listed(const struct pgcensus_config *config, size_t end,
                      const char *group)
{
    for (size_t i = 0; i < end; i++) {
        const char *other = pgcensus_config_node(config, i)->group;
        if (other && strcmp(other, group) == 0)
            return true;
    }
    return false;
}

static void add_matching_names(const struct pgcensus_config *config, bool groups_wanted,
                               struct buf *out)
{
    for (size_t i = 0; i < pgcensus_config_size(config); i++) {
        const struct pgcensus_identity *node = pgcensus_config_node(config, i);
        const char *name = groups_wanted ? node->group : node->name;
        if (!name || (groups_wanted && is_listed(config, i, name)))
            continue;
        buf_add_format(out, "%s\n", name);
    }
}

/* The words typed so far say which configuration is meant.  They are half a command
 * line, so mistakes in it are skipped. */
static bool load_silently(const struct option_list *words, struct buf *names)
{
    struct pgcensus_error error;
    const struct command *command = command_find(words->items[1], &error);
    if (!command)
        return false;
    AUTO(option_list_fini) struct option_list argv = {0}, rest = {0};
    for (size_t i = 2; i <= words->n; i++) {
        if (!option_list_add(&argv, i < words->n ? words->items[i] : NULL))
            return false;
    }
    AUTO(free) void *arguments = memory_array(1, command->arguments_size);
    if (!arguments)
        return false;
    options_parse(&command->options, (char *const *)argv.items, arguments, &rest,
                  &error);

    static const struct source_options usual = {.config = NULL};
    static const struct output_options silent = {.verbose = false};
    const struct node_request request = {
        .source = command->source_at
                      ? (const void *)((const char *)arguments + command->source_at)
                      : &usual,
        .output = &silent,
    };
    AUTO(pgcensus_diagnostics_free) struct pgcensus_diagnostics diagnostics = {0};
    AUTO(pgcensus_config_free)
    struct pgcensus_config *config = inventory_load(&request, &diagnostics, &error);
    if (config)
        add_matching_names(config, strcmp(words->items[0], "groups") == 0, names);
    options_fini(&command->options, arguments);
    return config != NULL;
}

static int run_complete(const struct process *process, const void *arguments)
{
    const struct general_options *general = arguments;
    AUTO(buf_fini) struct buf names = BUF_INIT;
    if (general->words.n < 2 || !load_silently(&general->words, &names))
        return EXIT_NOT_JUDGED;
    return deliver_and_exit(&names);
}

const struct command command_complete = {
    .name = "__complete",
    .summary = "names of nodes or groups",
    .words = "nodes|groups -- COMMAND [WORD...]",
    .purpose = "For the completion scripts.",
    .options = {.parts = parts},
    .arguments_size = sizeof(struct general_options),
    .hidden = true,
    .run = run_complete,
};

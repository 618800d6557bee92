/* From the words that main() got to the command that they mean.
 *
 * The command comes first.  Only help has options that may stand in front of it; a user
 * who types others there is told where they belong. */
#include "cli/command.h"

#include "base/error.h"
#include "base/memory.h"
#include "cli/exit_status.h"
#include "cli/help/help.h"
#include "cli/parse/suggest.h"
#include "cli/shared/general_options.h"
#include "cli/shared/refuse.h"
#include "cli/term/messages.h"

#include <string.h>

const struct command *const command_all[] = {
    &command_check,   &command_query,      &command_nodes,
    &command_config,  &command_completion, &command_help,
    &command_options, &command_complete,   NULL,
};

/* Commands are words.  Anything else in the place of one may be a URL with a password
 * in it, so it is not repeated. */
static bool may_be_command(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz-_"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return name[strspn(name, letters)] == '\0';
}

const struct command *command_find(const char *name, struct pgcensus_error *ret_error)
{
    const char *names[ARRAY_SIZE(command_all)];
    size_t n = 0;
    for (size_t i = 0; command_all[i]; i++) {
        if (strcmp(command_all[i]->name, name) == 0)
            return command_all[i];
        if (!command_all[i]->hidden)
            names[n++] = command_all[i]->name;
    }
    const char *nearest = suggest(name, names, n);
    if (!may_be_command(name))
        error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                  "a command comes first, such as check; a node that stands in no "
                  "configuration is given by --url");
    else if (nearest)
        error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                  "unknown command \"%s\" (did you mean \"%s\"?)", name, nearest);
    else
        error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "unknown command \"%s\"", name);
    return NULL;
}

/* Its value may be a connection string with a password, so it is not quoted. */
static bool refuse_words(const struct command *command, const struct option_list *words,
                         struct pgcensus_error *ret_error)
{
    if (command->words || words->n == 0)
        return true;
    return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                     "%s takes options only; nodes are chosen by -n, added by --url",
                     command->name);
}

static int run_parsed(const struct command *command, const struct process *process,
                      const void *arguments, bool parsed, struct pgcensus_error *error)
{
    const struct general_options *general = arguments;
    const struct output_options *output =
        command->output_at
            ? (const void *)((const char *)arguments + command->output_at)
            : NULL;
    if (general->version)
        return help_print_version();
    if (general->help && command != &command_help)
        return help_print(command, process);
    /* Options in front of a command were read as those of help, which was not typed. */
    const char *typed = command == &command_help ? NULL : command->name;
    if (!parsed || !refuse_words(command, &general->words, error))
        return refuse_usage(output, typed, error);
    if (output && output->file && output_is_format(output->file))
        say("warning: -o writes a file named %s; the format is --format %s",
            output->file, output->file);
    return command->run(process, arguments);
}

static int parse_and_run(const struct command *command, const struct process *process,
                         char *const *argv)
{
    AUTO(free) void *arguments = memory_array(1, command->arguments_size);
    struct pgcensus_error error;
    if (!arguments) {
        error_memory(&error);
        say("%s", error.message);
        return EXIT_NOT_JUDGED;
    }
    struct general_options *general = arguments;
    bool parsed =
        options_parse(&command->options, argv, arguments, &general->words, &error);
    int status = run_parsed(command, process, arguments, parsed, &error);
    options_fini(&command->options, arguments);
    option_list_fini(&general->words);
    return status;
}

static int refuse_in_front(const char *word, const struct option *option,
                           const struct command *command)
{
    size_t spelled = word[1] == '-' ? strcspn(word, "=") : 2;
    const char *value = option->value_optional ? NULL : option->value;
    struct pgcensus_error error;
    error_set(&error, PGCENSUS_TROUBLE_USAGE,
              "options stand behind the command: pgcensus %s %.*s%s%s", command->name,
              (int)spelled, word, value ? " " : "", value ? value : "");
    return refuse_usage(NULL, command->name, &error);
}

static int run_without_command(const struct process *process, char *const *argv)
{
    /* "-h check" and "--help check" ask for the same as "help check". */
    struct pgcensus_error unused;
    bool asks = strcmp(argv[0], "-h") == 0;
    if (asks && argv[1] && command_find(argv[1], &unused))
        return parse_and_run(&command_help, process, argv + 1);
    if (options_find(&command_help.options, argv[0]))
        return parse_and_run(&command_help, process, argv);
    for (size_t i = 0; command_all[i]; i++) {
        const struct option *option = options_find(&command_all[i]->options, argv[0]);
        if (option)
            return refuse_in_front(argv[0], option, command_all[i]);
    }
    return parse_and_run(&command_help, process, argv);
}

int command_dispatch(const struct process *process, char *const *argv)
{
    if (!argv[0] || !argv[1])
        return help_print_short();

    const char *name = argv[1];
    if (name[0] == '-')
        return run_without_command(process, argv + 1);

    struct pgcensus_error error;
    const struct command *command = command_find(name, &error);
    if (!command)
        return refuse_usage(NULL, NULL, &error);
    return parse_and_run(command, process, argv + 2);
}

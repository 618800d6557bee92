#include "cli/command.h"
#include "cli/help/help.h"
#include "cli/shared/general_options.h"
#include "cli/shared/refuse.h"

#include "base/error.h"

static const struct option_part parts[] = {{&general_options, 0}, {NULL, 0}};

static int run_help(const struct process *process, const void *arguments)
{
    const struct general_options *general = arguments;
    if (general->words.n == 0)
        return help_print_overview(process);
    struct pgcensus_error error;
    const struct command *command = command_find(general->words.items[0], &error);
    if (!command)
        return refuse_usage(NULL, NULL, &error);
    return help_print(command, process);
}

const struct command command_help = {
    .name = "help",
    .summary = "show what pgcensus or one of its commands can do",
    .words = "[COMMAND]",
    .purpose = "Shows the list of commands, or the options of one.",
    .options = {.parts = parts},
    .arguments_size = sizeof(struct general_options),
    .offer = OFFER_COMMANDS,
    .run = run_help,
};

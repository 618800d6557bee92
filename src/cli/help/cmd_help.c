#include "cli/help/help.h"
#include "cli/shared/common.h"

#include "base/error.h"

static const struct option_group *const groups[] = {&common_general, NULL};

static int run(const struct program *program, const void *arguments)
{
    const struct common *common = arguments;
    if (common->words.n == 0)
        return help_print_overview(program);
    struct pgcensus_error error;
    const struct command *command = command_find(common->words.items[0], &error);
    if (!command)
        return common_refuse_usage(common, NULL, &error);
    return help_print(command, program);
}

const struct command command_help = {
    .name = "help",
    .summary = "show what pgcensus or one of its commands can do",
    .words = "[COMMAND]",
    .purpose = "Shows the list of commands, or the options of one.",
    .options = {.groups = groups},
    .arguments_size = sizeof(struct common),
    .offer = OFFER_COMMANDS,
    .run = run,
};

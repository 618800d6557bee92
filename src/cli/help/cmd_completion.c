#include "cli/command.h"
#include "cli/help/completion.h"
#include "cli/parse/option_types.h"
#include "cli/shared/deliver.h"
#include "cli/shared/general_options.h"
#include "cli/shared/refuse.h"

#include "base/error.h"

static const char *const shells[] = {"bash", "zsh", "fish", NULL};
static void (*const write_script[])(struct buf *) = {completion_bash, completion_zsh,
                                                     completion_fish};

static const struct option_part parts[] = {{&general_options, 0}, {NULL, 0}};

static const struct example examples[] = {
    {"source <(pgcensus completion bash)", "for this shell"},
    {"pgcensus completion zsh > ~/.zfunc/_pgcensus", "for every new one"},
};

static int run_completion(const struct process *process, const void *arguments)
{
    static const struct option shell = {.choices = shells};
    const struct general_options *general = arguments;
    struct pgcensus_error error;
    int choice;
    if (general->words.n != 1) {
        error_set(&error, PGCENSUS_TROUBLE_USAGE,
                  "completion needs one shell: bash, zsh or fish");
        return refuse_usage(NULL, command_completion.name, &error);
    }
    if (!option_choice(&shell, general->words.items[0], &choice, &error))
        return refuse_usage(NULL, command_completion.name, &error);

    AUTO(buf_fini) struct buf out = BUF_INIT;
    write_script[choice](&out);
    return deliver_and_exit(&out);
}

const struct command command_completion = {
    .name = "completion",
    .summary = "print a completion script for bash, zsh or fish",
    .words = "bash|zsh|fish",
    .purpose = "Prints a script that teaches a shell to complete commands, options, "
               "their values, and the names of your nodes and groups.",
    .examples = examples,
    .n_examples = ARRAY_SIZE(examples),
    .options = {.parts = parts},
    .arguments_size = sizeof(struct general_options),
    .first_words = shells,
    .run = run_completion,
};

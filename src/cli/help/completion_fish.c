#include "cli/help/completion.h"

#include "cli/command.h"

static const char prologue[] =
    "# fish completion for pgcensus. To load it, write it to\n"
    "# ~/.config/fish/completions/pgcensus.fish\n"
    "\n"
    "# Names of nodes or groups, with commas between several.\n"
    "function __pgcensus_names\n"
    "    set -l before (string match -r '.*,' -- (commandline -ct | string replace -r "
    "'^--[a-z]+=' ''))\n"
    "    set -l words (commandline -opc)\n"
    "    for name in (pgcensus __complete $argv[1] -- $words[2..-1] 2>/dev/null)\n"
    "        echo -- \"$before$name\"\n"
    "    end\n"
    "end\n"
    "\n"
    "# Whether this is the command: the same word may be an argument of another.\n"
    "function __pgcensus_is\n"
    "    test (count (commandline -opc)) -ge 2\n"
    "    and test (commandline -opc)[2] = $argv[1]\n"
    "end\n"
    "\n"
    "complete -c pgcensus -f\n";

static void add_quoted(const char *text, struct buf *out)
{
    buf_add_char(out, '\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, *text);
    }
    buf_add_char(out, '\'');
}

/* -x: a value and no files; -r -F: a value, files among them. */
static void add_fish_offer(const struct option *option, struct buf *out)
{
    if (option_choice_at(option, 0)) {
        buf_add_str(out, " -x -a '");
        for (size_t i = 0; option_choice_at(option, i); i++)
            buf_add_format(out, "%s%s", i > 0 ? " " : "", option_choice_at(option, i));
        buf_add_char(out, '\'');
        return;
    }
    switch (option->offer) {
    case OFFER_NOTHING:
        buf_add_str(out, " -x");
        break;
    case OFFER_FILES:
        buf_add_str(out, " -r -F");
        break;
    case OFFER_NODES:
        buf_add_str(out, " -x -a '(__pgcensus_names nodes)'");
        break;
    case OFFER_GROUPS:
        buf_add_str(out, " -x -a '(__pgcensus_names groups)'");
        break;
    case OFFER_COMMANDS:
        buf_add_str(out, " -x -a '");
        for (size_t i = 0; command_all[i]; i++) {
            if (!command_all[i]->hidden)
                buf_add_format(out, "%s%s", i > 0 ? " " : "", command_all[i]->name);
        }
        buf_add_char(out, '\'');
        break;
    }
}

static void add_fish_option(const struct command *command, const struct option *option,
                            struct buf *out)
{
    buf_add_format(out, "complete -c pgcensus -n '__pgcensus_is %s'", command->name);
    for (const char *letter = option->letters; letter && *letter; letter++)
        buf_add_format(out, " -s '%c'", *letter);
    buf_add_format(out, " -l %s", option->name);
    if (option->value && !option->value_optional)
        add_fish_offer(option, out);
    buf_add_str(out, " -d ");
    AUTO(buf_fini) struct buf help = BUF_INIT;
    option_add_help(option, &help);
    add_quoted(help.bytes, out);
    buf_add_char(out, '\n');
}

/* What is offered where the number of words before the cursor is -eq, -gt, -ge 2 */
static void add_argument(const struct command *command, const char *compared,
                         const struct option *argument, struct buf *out)
{
    buf_add_format(out,
                   "complete -c pgcensus -n '__pgcensus_is %s; and test (count "
                   "(commandline -opc)) %s 2'",
                   command->name, compared);
    add_fish_offer(argument, out);
    buf_add_char(out, '\n');
}

static void add_fish_command(const struct command *command, struct buf *out)
{
    buf_add_format(out,
                   "complete -c pgcensus -n 'test (count (commandline -opc)) -eq 1' "
                   "-a %s -d ",
                   command->name);
    add_quoted(command->summary, out);
    buf_add_char(out, '\n');

    if (command->first_words)
        add_argument(command, "-eq", &(struct option){.choices = command->first_words},
                     out);
    if (command->offer != OFFER_NOTHING)
        add_argument(command, command->first_words ? "-gt" : "-ge",
                     &(struct option){.offer = command->offer}, out);
    const struct option *option;
    for (struct option_at at = {0}; (option = option_next(&command->options, &at));)
        add_fish_option(command, option, out);
}

void completion_fish(struct buf *out)
{
    buf_add_str(out, prologue);
    for (size_t i = 0; command_all[i]; i++) {
        if (!command_all[i]->hidden)
            add_fish_command(command_all[i], out);
    }
}

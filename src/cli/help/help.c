/* Help is laid out for 80 columns wherever it is read, so that it can be compared,
 * pasted and grepped.  It holds plain ASCII, so it is readable when the locale is
 * broken. */
#include "cli/help/help.h"

#include "cli/exit_status.h"
#include "cli/shared/deliver.h"
#include "cli/term/messages.h"

#include <pgcensus/version.h>
#include <string.h>

enum { LINE = 79, HELP_AT = 28 };

/* Words of text, filled up to LINE, from column at on; the cursor stands there. */
static void add_filled(struct buf *out, size_t at, const char *text)
{
    size_t column = at;
    for (const char *word = text; *word;) {
        size_t length = strcspn(word, " ");
        if (column > at && column + 1 + length > LINE) {
            buf_add_char(out, '\n');
            buf_add_repeat(out, ' ', at);
            column = at;
        }
        if (column > at) {
            buf_add_char(out, ' ');
            column++;
        }
        buf_add(out, word, length);
        column += length;
        word += length + strspn(word + length, " ");
    }
    buf_add_char(out, '\n');
}

/* Left, and right from column at on; on a line of its own if left is too long. */
static void add_help_pair(struct buf *out, const char *left, size_t at,
                          const char *right)
{
    buf_add_str(out, left);
    size_t length = strlen(left);
    if (length + 2 > at) {
        buf_add_char(out, '\n');
        length = 0;
    }
    buf_add_repeat(out, ' ', at - length);
    add_filled(out, at, right);
}

static void add_help_heading(struct buf *out, bool bold, const char *title)
{
    buf_add_format(out, "\n%s%s:%s\n", bold ? "\033[1m" : "", title,
                   bold ? "\033[0m" : "");
}

static void add_examples(struct buf *out, bool bold, const struct example *examples,
                         size_t n)
{
    add_help_heading(out, bold, "Examples");
    size_t widest = 0;
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(examples[i].line);
        widest = length > widest ? length : widest;
    }
    for (size_t i = 0; i < n; i++) {
        AUTO(buf_fini) struct buf left = BUF_INIT;
        buf_add_format(&left, "  %s", examples[i].line);
        add_help_pair(out, left.bytes, widest + 4, examples[i].says);
    }
}

static void add_command_list(struct buf *out, bool bold)
{
    add_help_heading(out, bold, "Commands");
    for (size_t i = 0; command_all[i]; i++) {
        if (command_all[i]->hidden)
            continue;
        AUTO(buf_fini) struct buf left = BUF_INIT;
        buf_add_format(&left, "  %s", command_all[i]->name);
        add_help_pair(out, left.bytes, 14, command_all[i]->summary);
    }
}

void help_synopsis(const struct option *option, struct buf *out)
{
    for (const char *letter = option->letters; letter && *letter; letter++)
        buf_add_format(out, "-%c, ", *letter);
    buf_add_format(out, "--%s", option->name);
    if (option->value)
        buf_add_format(out, option->value_optional ? "[=%s]" : " %s", option->value);
}

static void add_options(struct buf *out, const struct option_group *group)
{
    for (size_t i = 0; i < group->n; i++) {
        const struct option *option = &group->options[i];
        AUTO(buf_fini) struct buf left = BUF_INIT, right = BUF_INIT;
        /* Long names stand in one column, with or without a letter before them. */
        buf_add_str(&left, option->letters ? "  " : "      ");
        help_synopsis(option, &left);
        option_add_help(option, &right);
        add_help_pair(out, left.bytes, HELP_AT, right.bytes);
    }
}

void help_format(const struct command *command, bool bold, struct buf *out)
{
    buf_add_format(out, "Usage: pgcensus %s [OPTIONS]%s%s\n\n", command->name,
                   command->words ? " " : "", command->words ? command->words : "");
    add_filled(out, 0, command->purpose);
    if (command->n_examples > 0)
        add_examples(out, bold, command->examples, command->n_examples);
    const struct option_part *parts = command->options.parts;
    for (size_t i = 0; parts[i].group; i++) {
        if (!option_group_continues(&command->options, i))
            add_help_heading(out, bold, parts[i].group->title);
        add_options(out, parts[i].group);
    }
    add_help_heading(out, bold, "Exit status");
    buf_add_str(out, "  ");
    add_filled(out, 2,
               command->exit_status ? command->exit_status
                                    : "0 if it was done, 3 if that was not possible");
}

static const struct example examples[] = {
    {"pgcensus check", "is every node well? The exit status says so"},
    {"pgcensus check -g orders --json", "one group, as a document for programs"},
    {"pgcensus config example", "a configuration to start from"},
};

static void format_overview(bool bold, struct buf *out)
{
    buf_add_str(out,
                "pgcensus asks every PostgreSQL node the same question at once.\n\n"
                "Usage: pgcensus COMMAND [OPTIONS] [ARGUMENTS]\n");
    add_examples(out, bold, examples, ARRAY_SIZE(examples));
    add_command_list(out, bold);
    buf_add_str(out, "\nTry 'pgcensus help COMMAND' for the options of a command.\n");
}

int help_print(const struct command *command, const struct process *process)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    help_format(command, terminal_colour(&process->terminal, COLOR_AUTO), &out);
    return deliver_and_exit(&out);
}

int help_print_overview(const struct process *process)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    format_overview(terminal_colour(&process->terminal, COLOR_AUTO), &out);
    return deliver_and_exit(&out);
}

int help_print_short(void)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    format_overview(/* bold= */ false, &out);
    say_lines(&out);
    return EXIT_NOT_JUDGED;
}

/* Some libraries name themselves when they are asked for their version. */
static void add_component(const struct pgcensus_component *component, struct buf *out)
{
    size_t length = strlen(component->name);
    bool names_itself = strncmp(component->text, component->name, length) == 0 &&
                        component->text[length] == ' ';
    if (!names_itself)
        buf_add_format(out, "%s ", component->name);
    buf_add_format(out, "%s\n", component->text);
}

int help_print_version(void)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    buf_add_str(&out, "pgcensus " PGCENSUS_VERSION "\n");
    const struct pgcensus_component *components;
    size_t n = pgcensus_components(&components);
    for (size_t i = 0; i < n; i++)
        add_component(&components[i], &out);
    return deliver_and_exit(&out);
}

/* zsh has a language for options, _arguments, so its script is a list of
 * specifications; only the names of nodes and groups need a function.  The script
 * serves both ways of loading it: as a file that is autoloaded, where the function runs
 * itself at once, and through `source`, where it is only registered. */
#include "cli/help/completion.h"

#include "cli/command.h"

#include <stdbool.h>
#include <string.h>

static const char prologue[] =
    "#compdef pgcensus\n"
    "# zsh completion for pgcensus. To load it, write it to a file _pgcensus in a\n"
    "# directory of $fpath: pgcensus completion zsh > ~/.zfunc/_pgcensus\n"
    "\n"
    "# Names of nodes or groups, with commas between several.\n"
    "_pgcensus_names()\n"
    "{\n"
    "    local what=$1 name; shift\n"
    "    local -a names\n"
    "    names=(${(f)\"$(_call_program $what pgcensus __complete $what -- \\\n"
    "        $pgcensus_words 2>/dev/null)\"})\n"
    "    _sequence compadd \"$@\" - -a names\n"
    "}\n"
    "\n"
    "_pgcensus()\n"
    "{\n"
    "    local -a commands pgcensus_words\n"
    "    commands=(\n";

/* Inside single quotes and inside the brackets of an _arguments specification. */
static void add_description(const char *text, struct buf *out)
{
    for (; *text; text++) {
        if (*text == '\'')
            buf_add_str(out, "'\\''");
        else if (strchr("[]:\\", *text))
            buf_add_format(out, "\\%c", *text);
        else
            buf_add_char(out, *text);
    }
}

static void add_zsh_commands(struct buf *out)
{
    for (size_t i = 0; command_all[i]; i++) {
        if (command_all[i]->hidden)
            continue;
        buf_add_format(out, "        '%s:", command_all[i]->name);
        add_description(command_all[i]->summary, out);
        buf_add_str(out, "'\n");
    }
}

static void add_zsh_offer(const struct option *option, struct buf *out)
{
    if (option_choice_at(option, 0)) {
        buf_add_char(out, '(');
        for (size_t i = 0; option_choice_at(option, i); i++)
            buf_add_format(out, "%s%s", i > 0 ? " " : "", option_choice_at(option, i));
        buf_add_char(out, ')');
        return;
    }
    switch (option->offer) {
    case OFFER_NOTHING:
        buf_add_char(out, ' ');
        break;
    case OFFER_FILES:
        buf_add_str(out, "_files");
        break;
    case OFFER_NODES:
        buf_add_str(out, "{_pgcensus_names nodes}");
        break;
    case OFFER_GROUPS:
        buf_add_str(out, "{_pgcensus_names groups}");
        break;
    case OFFER_COMMANDS:
        buf_add_str(out, "{_describe command commands}");
        break;
    }
}

static void add_help(const struct option *option, struct buf *out)
{
    buf_add_char(out, '[');
    AUTO(buf_fini) struct buf help = BUF_INIT;
    option_add_help(option, &help);
    add_description(help.bytes, out);
    buf_add_char(out, ']');
}

static void add_zsh_value(const struct option *option, struct buf *out)
{
    buf_add_str(out, option->value_optional ? "::" : ":");
    add_description(option->value, out);
    buf_add_char(out, ':');
    add_zsh_offer(option, out);
}

/* '*-n+[only nodes …]:GLOB:{_pgcensus_names nodes}': the value may stand in the same
 * word or in the next. */
static void add_letter(const struct option *option, char letter, struct buf *out)
{
    bool has_value = option->value && !option->value_optional;
    buf_add_format(out, "            '*-%c%s", letter, has_value ? "+" : "");
    add_help(option, out);
    if (has_value)
        add_zsh_value(option, out);
    buf_add_str(out, "' \\\n");
}

/* "=" means the same for a long name, "=-" in the same word only. */
static void add_zsh_name(const struct option *option, struct buf *out)
{
    const char *behind = !option->value ? "" : option->value_optional ? "=-" : "=";
    buf_add_format(out, "            '*--%s%s", option->name, behind);
    add_help(option, out);
    if (option->value)
        add_zsh_value(option, out);
    buf_add_str(out, "' \\\n");
}

static void add_zsh_option(const struct option *option, struct buf *out)
{
    for (const char *letter = option->letters; letter && *letter; letter++)
        add_letter(option, *letter, out);
    add_zsh_name(option, out);
}

static void add_zsh_command(const struct command *command, struct buf *out)
{
    buf_add_format(out, "    %s)\n        _arguments -s -S \\\n", command->name);
    const struct option *option;
    for (struct option_at at = {0}; (option = option_next(&command->options, &at));)
        add_zsh_option(option, out);
    if (command->first_words) {
        buf_add_str(out, "            '1:argument:");
        add_zsh_offer(&(struct option){.choices = command->first_words}, out);
        buf_add_str(out, "' \\\n");
    }
    buf_add_str(out, "            '*:argument:");
    add_zsh_offer(&(struct option){.offer = command->offer}, out);
    buf_add_str(out, "'\n        ;;\n");
}

void completion_zsh(struct buf *out)
{
    buf_add_str(out, prologue);
    add_zsh_commands(out);
    buf_add_str(out, "    )\n"
                     "    if ((CURRENT == 2)); then\n"
                     "        _describe command commands\n"
                     "        return\n"
                     "    fi\n"
                     "    pgcensus_words=(\"${(@)words[2,CURRENT-1]}\")\n"
                     "    shift words\n"
                     "    ((CURRENT--))\n"
                     "    case $words[1] in\n");
    for (size_t i = 0; command_all[i]; i++) {
        if (!command_all[i]->hidden)
            add_zsh_command(command_all[i], out);
    }
    buf_add_str(out, "    esac\n"
                     "}\n"
                     "\n"
                     "if [[ $funcstack[1] == _pgcensus ]]; then\n"
                     "    _pgcensus \"$@\"\n"
                     "else\n"
                     "    compdef _pgcensus pgcensus\n"
                     "fi\n");
}

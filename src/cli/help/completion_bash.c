/* bash knows nothing of options, so its script is a dispatcher: by the word before the
 * cursor (a value), else by the command.  Two traps shape it: readline splits at "=",
 * and compgen -W expands what it is given, so names of nodes, which may hold anything,
 * never pass through it. */
#include "cli/help/completion.h"

#include "cli/command.h"

#include <string.h>

static const char prologue[] =
    "# bash completion for pgcensus. To load it: source <(pgcensus completion bash)\n"
    "\n"
    "# Names of nodes or groups; the last of a list with commas is the one wanted.\n"
    "_pgcensus_names()\n"
    "{\n"
    "    local program=$1 what=$2 cur=$3 before= word name words=()\n"
    "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
    "        [[ $word == = ]] || words+=(\"${word/#~\\//$HOME/}\")\n"
    "    done\n"
    "    [[ $cur == *,* ]] && before=${cur%,*},\n"
    "    while IFS= read -r name; do\n"
    "        [[ $name == \"${cur##*,}\"* ]] && COMPREPLY+=(\"$before$name\")\n"
    "    done < <(\"$program\" __complete \"$what\" -- \"${words[@]}\" 2>/dev/null)\n"
    "}\n"
    "\n"
    "_pgcensus_files()\n"
    "{\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    mapfile -t COMPREPLY < <(compgen -f -- \"$1\")\n"
    "}\n"
    "\n"
    "_pgcensus_words()\n"
    "{\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$2\")\n"
    "}\n"
    "\n"
    "_pgcensus()\n"
    "{\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
    "    COMPREPLY=()\n"
    "    if [[ $cur == = ]]; then\n"
    "        cur=\n"
    "    elif [[ $prev == = ]]; then\n"
    "        prev=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n";

static const char epilogue[] = "}\n"
                               "\n"
                               "complete -F _pgcensus pgcensus\n";

static void add_bash_commands(struct buf *out)
{
    for (size_t i = 0; command_all[i]; i++) {
        if (!command_all[i]->hidden)
            buf_add_format(out, "%s ", command_all[i]->name);
    }
}

/* The statement that completes a value. */
static void add_bash_offer(const struct option *option, struct buf *out)
{
    if (option_choice_at(option, 0)) {
        buf_add_str(out, "_pgcensus_words '");
        for (size_t i = 0; option_choice_at(option, i); i++)
            buf_add_format(out, "%s ", option_choice_at(option, i));
        buf_add_str(out, "' \"$cur\"");
        return;
    }
    switch (option->offer) {
    case OFFER_NOTHING:
        buf_add_str(out, ":");
        break;
    case OFFER_FILES:
        buf_add_str(out, "_pgcensus_files \"$cur\"");
        break;
    case OFFER_NODES:
        buf_add_str(out, "_pgcensus_names \"$1\" nodes \"$cur\"");
        break;
    case OFFER_GROUPS:
        buf_add_str(out, "_pgcensus_names \"$1\" groups \"$cur\"");
        break;
    case OFFER_COMMANDS:
        buf_add_str(out, "_pgcensus_words '");
        add_bash_commands(out);
        buf_add_str(out, "' \"$cur\"");
        break;
    }
}

/* A pattern of the case statement: "check:-n | check:--node) … ;;" */
static void add_bash_value(const struct command *command, const struct option *option,
                           struct buf *out)
{
    buf_add_str(out, "    ");
    /* An optional value is only ever behind "=", never the word behind -x. */
    for (const char *letter = option->letters;
         letter && *letter && !option->value_optional; letter++)
        buf_add_format(out, "%s:-%c | ", command->name, *letter);
    buf_add_format(out, "%s:--%s) ", command->name, option->name);
    add_bash_offer(option, out);
    buf_add_str(out, "; return ;;\n");
}

static void add_bash_values(const struct command *command, struct buf *out)
{
    const struct option *option;
    for (struct option_at at = {0}; (option = option_next(&command->options, &at));) {
        if (option->value)
            add_bash_value(command, option, out);
    }
}

/* Its options where a "-" was typed, else what its arguments can be. */
static void add_bash_command(const struct command *command, struct buf *out)
{
    buf_add_format(out, "    %s:-*) _pgcensus_words '", command->name);
    const struct option *option;
    for (struct option_at at = {0}; (option = option_next(&command->options, &at));)
        buf_add_format(out, "--%s%s ", option->name, option->value_optional ? "=" : "");
    buf_add_str(out, "' \"$cur\" ;;\n");

    if (command->first_words) {
        buf_add_format(out, "    %s:*) if ((COMP_CWORD == 2)); then ", command->name);
        add_bash_offer(&(struct option){.choices = command->first_words}, out);
        buf_add_str(out, "; else ");
        add_bash_offer(&(struct option){.offer = command->offer}, out);
        buf_add_str(out, "; fi ;;\n");
    } else if (command->offer != OFFER_NOTHING) {
        buf_add_format(out, "    %s:*) ", command->name);
        add_bash_offer(&(struct option){.offer = command->offer}, out);
        buf_add_str(out, " ;;\n");
    }
}

void completion_bash(struct buf *out)
{
    buf_add_str(out, prologue);
    buf_add_str(out, "    if ((COMP_CWORD == 1)); then\n        _pgcensus_words '");
    add_bash_commands(out);
    buf_add_str(out, "--help --version' \"$cur\"\n        return\n    fi\n");

    buf_add_str(out, "    case ${COMP_WORDS[1]}:$prev in\n");
    for (size_t i = 0; command_all[i]; i++) {
        if (!command_all[i]->hidden)
            add_bash_values(command_all[i], out);
    }
    buf_add_str(out, "    esac\n    case ${COMP_WORDS[1]}:$cur in\n");
    for (size_t i = 0; command_all[i]; i++) {
        if (!command_all[i]->hidden)
            add_bash_command(command_all[i], out);
    }
    buf_add_str(out, "    esac\n");
    buf_add_str(out, epilogue);
}

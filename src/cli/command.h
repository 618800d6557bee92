/* Commands: one constant struct each, from which help, completion, the man pages and
 * the dispatcher are fed.  A new command is a NAME/cmd_NAME.c and a line in
 * command.c. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/parse/options.h"
#include "cli/term/signals.h"
#include "cli/term/terminal.h"

/* What main() hands down. */
struct process {
    struct signals *signals;
    struct terminal terminal;
};

struct example {
    const char *line, *says;
};

struct command {
    const char *name;
    const char *summary; /* its line in the list of commands */
    const char *words;   /* what its arguments are called; NULL: takes none */
    const char *purpose; /* a paragraph */
    const struct example *examples;
    size_t n_examples;
    const char *exit_status; /* a paragraph; NULL: 0, and 3 if that was not possible */
    struct option_table options;
    size_t arguments_size; /* of a struct that begins with struct general_options */
    /* Where in it the struct source_options and output_options are; 0: it has none. */
    size_t source_at, output_at;

    /* What completion offers for its arguments. */
    const char *const *first_words; /* ends with NULL; NULL: none */
    enum offer offer;               /* of the other arguments */

    bool hidden;
    /* arguments: as parsed; general.words are those that are no options. */
    int (*run)(const struct process *process, const void *arguments);
};

extern const struct command command_check, command_query, command_nodes, command_config,
    command_completion, command_help;
/* Hidden: the option tables for the man pages, names for the completion scripts. */
extern const struct command command_options, command_complete;

/* All commands, hidden ones last; ends with NULL. */
extern const struct command *const command_all[];

/* NULL, and a complaint with a suggestion, if there is none of that name. */
const struct command *command_find(const char *name, struct pgcensus_error *ret_error);

/* The whole program: argv as main() got it; returns the exit status. */
int command_dispatch(const struct process *process, char *const *argv);

#endif

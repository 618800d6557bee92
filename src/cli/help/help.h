/* What pgcensus says about itself.  Help that was asked for goes to stdout and is a
 * success; help that answers an empty command line goes to stderr and is not. */
#ifndef CLI_HELP_HELP_H
#define CLI_HELP_HELP_H

#include "base/buf.h"
#include "cli/command.h"

/* These print and return the exit status. */
int help_print(const struct command *command, const struct process *process);
int help_print_overview(const struct process *process);
int help_print_short(void);
int help_print_version(void);

/* "-n, --node GLOB[,...]": how an option is written, here and in the man pages. */
void help_synopsis(const struct option *option, struct buf *out);

/* The text behind help_print(); bold headings if wanted. */
void help_format(const struct command *command, bool bold, struct buf *out);

#endif

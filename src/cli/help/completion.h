/* Completion scripts for shells, written from the tables of commands and options.
 * Names of nodes and groups are asked for at every TAB, by `pgcensus __complete`. */
#ifndef CLI_HELP_COMPLETION_H
#define CLI_HELP_COMPLETION_H

#include "base/buf.h"

void completion_bash(struct buf *out);
void completion_zsh(struct buf *out);
void completion_fish(struct buf *out);

#endif

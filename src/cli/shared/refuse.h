/* How a run ends that could not do its work. */
#ifndef CLI_SHARED_REFUSE_H
#define CLI_SHARED_REFUSE_H

#include "cli/shared/output_options.h"

/* Says the reason on stderr and, if a program reads the output, writes it as a
 * pgcensus.error/1 document there; a plugin has it in its only line.  Returns
 * EXIT_NOT_JUDGED; or, without a word, EXIT_READER_LEFT.  output: NULL before the
 * command is known. */
int refuse_run(const struct output_options *output, const struct pgcensus_error *error);

/* The same when stderr has the reason already. */
int refuse_told(const struct output_options *output,
                const struct pgcensus_error *error);

/* The same for a command line that we do not understand, with a word on where to read
 * on.  Both may be NULL before the command is known. */
int refuse_usage(const struct output_options *output, const char *command,
                 const struct pgcensus_error *error);

/* Writes what was asked for to where it was asked for.  Returns the exit status. */
int deliver_or_refuse(const struct output_options *output, const struct buf *out);

#endif

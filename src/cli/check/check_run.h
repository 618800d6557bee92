/* A run that checks the fleet, whatever is made of it: `check`, `nodes --topology`.
 *
 * Signals are noted from the first moment on, so that whatever they end still ends with
 * a document. */
#ifndef CLI_CHECK_CHECK_RUN_H
#define CLI_CHECK_CHECK_RUN_H

#include "cli/check/check_loop.h"
#include "cli/shared/common.h"
#include "output/sink.h"

AUTO_DEFINE(struct pgcensus_verdict *, pgcensus_verdict_free)

struct checkup {
    const struct program *program;
    const struct common *common;
    struct pgcensus_fleet *fleet;
    const char *config_path; /* NULL: all nodes came from --url */
};

/* Opens what the command line selects, has it asked and told by ask(), and returns what
 * to exit with.  ask() returns false if that could not be done; the reason is told
 * here. */
int checkup_run(const struct program *program, const struct common *common,
                const char *command,
                bool (*ask)(const struct checkup *checkup, int *ret_status,
                            struct pgcensus_error *ret_error));

/* What the command line says of a round; waited: how much of --deadline is gone. */
struct round_options checkup_options(const struct checkup *checkup, nsec waited);
bool checkup_round(const struct checkup *checkup, const struct round_options *options,
                   struct round *ret_round, struct pgcensus_error *ret_error);
/* False: --role has left nobody to report on. */
bool checkup_found_any(const struct checkup *checkup, const struct round *round,
                       struct pgcensus_error *ret_error);

/* The round as a document, with its status and exit code. */
struct check_document checkup_document(const struct checkup *checkup,
                                       const struct round *round,
                                       const struct pgcensus_verdict *verdict);

/* All of it, at once; the file of -o appears whole or not at all.  Then what is wrong,
 * for people, where they have not read it yet. */
bool checkup_tell(const struct checkup *checkup, const struct check_document *document,
                  const struct buf *out, struct sink *sink,
                  struct pgcensus_error *ret_error);

#endif

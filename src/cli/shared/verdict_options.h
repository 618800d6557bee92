/* When a node has failed, and when the run has. */
#ifndef CLI_SHARED_VERDICT_OPTIONS_H
#define CLI_SHARED_VERDICT_OPTIONS_H

#include "cli/exit_status.h"
#include "cli/parse/options.h"

struct verdict_options {
    struct retries {
        unsigned n;
        bool given; /* false: as configured */
    } retries;
    int fail_on;             /* enum fail_on */
    struct exit_rule quorum; /* only its quorum, count and share */
};

extern const struct option_group verdict_options;

/* --retries; -1: as configured. */
int verdict_retries(const struct verdict_options *options);

/* --fail-on and --min-ok in one; false if they cannot be. */
struct exit_rule verdict_exit_rule(const struct verdict_options *options);
bool verdict_makes_sense(const struct verdict_options *options,
                         struct pgcensus_error *ret_error);

#endif

/* The options of commands that check: what is asked, what is bad, what is remembered.
 *
 * `nodes` and `config` take them as well, so that a command line of `check` can be
 * taken over unchanged; what such a command makes of them is said there. */
#ifndef CLI_SHARED_CHECK_OPTIONS_H
#define CLI_SHARED_CHECK_OPTIONS_H

#include "cli/shared/source_options.h"
#include "cli/shared/time_options.h"
#include "cli/shared/verdict_options.h"

#include <pgcensus/pgcensus.h>
#include <pgcensus/verdict.h>

struct facts_options {
    int level; /* as check_facts_level() reads it; 0: all facts */
};

/* What of a node or a group is bad. */
struct limit_options {
    struct option_list warnings, criticals;
    struct required {
        struct group_rule {
            unsigned n;
            bool given;
        } primaries, standbys, min_healthy;
    } required;
};

struct history_options {
    const char *state_file; /* NULL: earlier runs do not matter */
};

struct check_options {
    struct facts_options facts;
    struct result_options results;
    struct time_options time;
    struct limit_options limits;
    struct verdict_options verdict;
    struct history_options history;
};

extern const struct option_group facts_options, limit_options, history_options;

enum pgcensus_facts_level check_facts_level(const struct facts_options *options);
/* --require; -1 for what was not given. */
struct pgcensus_require check_require(const struct limit_options *options);

/* False: what was said contradicts itself. */
bool check_makes_sense(const struct check_options *options,
                       struct pgcensus_error *ret_error);

#endif

/* Options that say which nodes a command is about. */
#ifndef CLI_SHARED_SOURCE_OPTIONS_H
#define CLI_SHARED_SOURCE_OPTIONS_H

#include "cli/parse/options.h"

/* Where nodes come from. */
struct source_options {
    const char *config; /* NULL: looked for in the usual places */
    struct option_list urls, sets;
};

/* Which of them. */
struct selection_options {
    struct option_list nodes, groups, labels;
};

/* Which results, once it is known what the nodes are. */
struct result_options {
    enum pgcensus_role role; /* UNKNOWN: of either */
};

extern const struct option_group source_options, selection_options, result_options;

#endif

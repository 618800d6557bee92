/* What every command has. */
#ifndef CLI_SHARED_GENERAL_OPTIONS_H
#define CLI_SHARED_GENERAL_OPTIONS_H

#include "cli/parse/options.h"

/* The first member of every command's arguments. */
struct general_options {
    struct option_list words; /* what is no option */
    bool help, version;
};

extern const struct option_group general_options;

/* Options of other programs, each with a word on how it is done here; every command
 * has them. */
extern const struct option_table foreign_table;

#endif

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

/* What other programs call otherwise, and how it is done here; for every command. */
extern const struct option_table foreign_table;

#endif

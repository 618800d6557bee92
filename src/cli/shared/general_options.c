#include "cli/shared/general_options.h"
#include "cli/parse/option_types.h"

#define ROW(letters, name, value, type, member)                                        \
    OPTION(letters, name, value, type, struct general_options, member)

static const struct option general_rows[] = {
    {ROW("h?", "help", NULL, option_flag, help), .help = "show this help",
     .not_before_word = "-h is --help here; a host is given by --url host="},
    {ROW("V", "version", NULL, option_flag, version),
     .help = "show the versions of pgcensus and of what it was built with"},
};

/* Options of psql and pg_isready that users type out of habit. */
#define FOREIGN(letters, name, value) ROW(letters, name, value, option_foreign, words)

static const struct option foreign_rows[] = {
    {FOREIGN(NULL, "host", "HOST"), .help = "a host is given by --url host=HOST"},
    {FOREIGN("p", "port", "PORT"),
     .help = "a port is given by --set port=PORT, or behind a host: "
             "--url \"host=HOST port=PORT\""},
    {FOREIGN("U", "username", "NAME"), .help = "a user is given by --set user=NAME"},
    {FOREIGN("d", "dbname", "NAME"),
     .help = "a database is given by --set dbname=NAME"},
};

static const struct option_group foreign_options = {"", foreign_rows,
                                                    ARRAY_SIZE(foreign_rows)};
static const struct option_part foreign_parts[] = {{&foreign_options, 0}, {NULL, 0}};
const struct option_table foreign_table = {.parts = foreign_parts};

const struct option_group general_options = {"General", general_rows,
                                             ARRAY_SIZE(general_rows)};

#include "cli/shared/time_options.h"
#include "cli/parse/option_types.h"

#define ROW(letters, name, value, type, member)                                        \
    OPTION(letters, name, value, type, struct time_options, member)

static const struct option time_rows[] = {
    {ROW("T", "timeout", "DURATION", option_duration, timeout),
     .help = "judge each node after that long at the latest (500ms, 5s)"},
    {ROW(NULL, "connect-timeout", "DURATION", option_duration, connect_timeout),
     .help = "give up connecting after that long; a check of a node that has to be "
             "connected first is over then, too"},
    {ROW(NULL, "deadline", "DURATION", option_duration, deadline),
     .help = "end the whole run after that long and print what came in",
     .detail = "A node that is being asked then is down with class _timeout_; one that "
               "was not begun is _unknown_. In a query both have failed. Time in which "
               "pgcensus itself was stopped does not count."},
    {ROW("j", "jobs", "N", option_count, jobs), .min = 1, .max = 100000,
     .help = "ask at most N nodes at a time",
     .detail = "By default 1000, or as many as the limit of open files allows."},
};

const struct option_group time_options = {"How long", time_rows, ARRAY_SIZE(time_rows)};

/* How long asking may take, and how many nodes are asked at a time. */
#ifndef CLI_SHARED_TIME_OPTIONS_H
#define CLI_SHARED_TIME_OPTIONS_H

#include "cli/parse/options.h"

struct time_options {
    nsec timeout, connect_timeout; /* of a node; 0: as configured */
    nsec deadline;                 /* of the run; 0: none */
    unsigned jobs;                 /* 0: as many as the limit of open files allows */
};

extern const struct option_group time_options;

#endif

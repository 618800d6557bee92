/* What can be said to pgcensus nodes. */
#ifndef CLI_NODES_NODES_ARGUMENTS_H
#define CLI_NODES_NODES_ARGUMENTS_H

#include "cli/shared/check_options.h"
#include "cli/shared/general_options.h"
#include "cli/shared/output_options.h"

struct nodes_arguments {
    struct general_options general;
    struct source_options source;
    struct selection_options selection;
    struct topology_options {
        bool wanted;
    } topology;
    /* With --topology they are obeyed, or refused if they make no sense for trees.  The
     * list takes them as well, so that a selection can be tried with the command line
     * of check, and passes them over: of nodes that are not asked it knows nothing that
     * they could change. */
    struct check_options check;
    struct column_options columns;
    struct output_options output;
};

#endif

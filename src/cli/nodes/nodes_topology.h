/* `nodes --topology`: a check whose result is drawn as trees. */
#ifndef CLI_NODES_NODES_TOPOLOGY_H
#define CLI_NODES_NODES_TOPOLOGY_H

#include "cli/command.h"
#include "cli/nodes/nodes_arguments.h"
#include "cli/shared/inventory.h"

/* Returns what to exit with. */
int nodes_topology_run(const struct process *process,
                       const struct nodes_arguments *arguments,
                       const struct node_request *request);

#endif

/* `nodes --topology`: a check whose result is drawn as trees. */
#ifndef CLI_NODES_NODES_TOPOLOGY_H
#define CLI_NODES_NODES_TOPOLOGY_H

#include "cli/shared/common.h"

/* Returns what to exit with; command: the name of the command that was typed. */
int topology_run(const struct program *program, const struct common *common,
                 const char *command);

#endif

/* What holds before a configuration says anything: built-in defaults, the environment,
 * and the user's own password file. */
#ifndef CONFIG_LOAD_BASE_LAYERS_H
#define CONFIG_LOAD_BASE_LAYERS_H

#include "config/model/config.h"
#include "config/model/value_reader.h"

/* False: no memory. */
bool base_layers_read(struct pgcensus_config *config, struct value_reader *reader);

#endif

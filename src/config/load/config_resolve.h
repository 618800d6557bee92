/* The last step of a load, once all layers are complete. */
#ifndef CONFIG_LOAD_CONFIG_RESOLVE_H
#define CONFIG_LOAD_CONFIG_RESOLVE_H

#include "config/model/config.h"

/* Reads the services and password files that nodes name, fills the identities, and
 * checks what must hold between settings. */
void config_resolve(struct pgcensus_config *config, struct value_reader *reader);

#endif

/* What holds before anybody wrote anything: built-in defaults and the environment. */
#ifndef CONFIG_LOAD_BASE_LAYERS_H
#define CONFIG_LOAD_BASE_LAYERS_H

#include "config/model/config.h"
#include "config/model/value_reader.h"

/* False: no memory. */
bool ambient_read(struct pgcensus_config *config, struct taker *taker);

/* Notes which keys the libpq of this process does not know. */
bool ambient_ask_libpq(struct taker *taker);

#endif

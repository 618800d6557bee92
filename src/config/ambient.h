/* What holds before anybody wrote anything: built-in defaults and the environment. */
#ifndef CONFIG_AMBIENT_H
#define CONFIG_AMBIENT_H

#include "config/inventory.h"
#include "config/take.h"

/* False: no memory. */
bool ambient_read(struct pgcensus_config *config, struct taker *taker);

/* Notes which keys the libpq of this process does not know. */
bool ambient_ask_libpq(struct taker *taker);

#endif

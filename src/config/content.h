/* A text → the layers of an inventory. */
#ifndef CONFIG_CONTENT_H
#define CONFIG_CONTENT_H

#include "config/inventory.h"
#include "config/take.h"

/* Complains about all that is wrong with the text; what was right is in the inventory
 * afterwards, so that checking can go on and say more. */
void content_read(struct pgcensus_config *config, struct source *source,
                  struct taker *taker);

#endif

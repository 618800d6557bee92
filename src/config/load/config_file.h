/* A text → the layers of an inventory. */
#ifndef CONFIG_LOAD_CONFIG_FILE_H
#define CONFIG_LOAD_CONFIG_FILE_H

#include "config/model/config.h"
#include "config/model/value_reader.h"

/* Complains about all that is wrong with the text; what was right is in the inventory
 * afterwards, so that checking can go on and say more. */
void config_file_read(struct pgcensus_config *config, struct source *source,
                      struct value_reader *reader);

#endif

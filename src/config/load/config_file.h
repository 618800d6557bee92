/* The text of a file → the layers of a configuration. */
#ifndef CONFIG_LOAD_CONFIG_FILE_H
#define CONFIG_LOAD_CONFIG_FILE_H

#include "config/model/config.h"
#include "config/model/value_reader.h"

/* Diagnoses all that is wrong with the text.  What was right is in the configuration
 * afterwards, so that checking can go on and find more. */
void config_file_read(struct pgcensus_config *config, struct source *source,
                      struct value_reader *reader);

#endif

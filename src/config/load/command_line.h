/* The settings of the command line: --set, --warning, --critical, --url, --timeout,
 * --connect-timeout. */
#ifndef CONFIG_LOAD_COMMAND_LINE_H
#define CONFIG_LOAD_COMMAND_LINE_H

#include "config/model/config.h"
#include "config/model/value_reader.h"

void command_line_read(struct pgcensus_config *config,
                       const struct pgcensus_config_source *source,
                       struct value_reader *reader);

#endif

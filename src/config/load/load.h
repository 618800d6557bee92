/* The whole load from a text in memory, as pgcensus_config_load() does it behind
 * opening the file; for tests and fuzzers. */
#ifndef CONFIG_LOAD_LOAD_H
#define CONFIG_LOAD_LOAD_H

#include "config/read/source.h"

#include <pgcensus/config.h>

/* Takes the source's bytes; options' path is not looked at.  file.bytes NULL: there is
 * no file. */
struct pgcensus_config *load_source(struct source *source,
                                    const struct pgcensus_config_source *options,
                                    struct pgcensus_diagnostics *ret_diagnostics,
                                    struct pgcensus_error *ret_error);

#endif

/* libcyaml: the text → struct raw_file. */
#ifndef CONFIG_READ_BIND_H
#define CONFIG_READ_BIND_H

#include "config/read/diagnostic_list.h"
#include "config/read/schema.h"

/* NULL: libcyaml refused what lint had accepted, or memory ran out; the diagnostics say
 * which. */
struct raw_file *bind_text(const struct source *source, const struct schema *schema,
                           struct diagnostic_list *diagnostics);
void bind_free(struct raw_file *raw);
AUTO_DEFINE(struct raw_file *, bind_free)

#endif

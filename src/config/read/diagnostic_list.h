/* The errors, warnings and notes on a configuration, collected while it is read. */
#ifndef CONFIG_READ_DIAGNOSTIC_LIST_H
#define CONFIG_READ_DIAGNOSTIC_LIST_H

#include "base/text.h"
#include "config/read/quote.h"

#include <pgcensus/config.h>
#include <string.h>

/* A position in a file.  file NULL: the configuration itself; line 0: all of it. */
struct source_pos {
    const char *file;
    unsigned line, column;
};

struct diagnostic_list {
    struct pgcensus_diagnostics kept;
    size_t cap, n_others; /* of warnings and notes */
    bool no_memory;
};

#define DIAGNOSTIC_LIST_INIT ((struct diagnostic_list){.no_memory = false})

void diagnostic_list_fini(struct diagnostic_list *diagnostics);
AUTO_DEFINE_VALUE(struct diagnostic_list, diagnostic_list_fini)

/* hint may be NULL.  Untrusted text goes in as quoted(…).text. */
void diagnose(struct diagnostic_list *diagnostics, enum pgcensus_severity severity,
              struct source_pos at, const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Sorts, quotes the source lines and hands over; the list is empty afterwards. */
void diagnostic_list_finish(struct diagnostic_list *diagnostics,
                            const struct source *source,
                            struct pgcensus_diagnostics *ret_diagnostics);

#endif

/* What is wrong with a configuration, collected while it is read. */
#ifndef CONFIG_READ_DIAGNOSTIC_LIST_H
#define CONFIG_READ_DIAGNOSTIC_LIST_H

#include "base/text.h"
#include "config/read/source.h"

#include <pgcensus/config.h>
#include <string.h>

/* Where something stands.  file NULL: the configuration itself; line 0: all of it. */
struct place {
    const char *file;
    unsigned line, column;
};

struct complaints {
    struct pgcensus_diagnostics kept;
    size_t cap, n_others; /* of warnings and notes */
    bool no_memory;
};

#define COMPLAINTS_INIT ((struct complaints){.no_memory = false})

void complaints_fini(struct complaints *complaints);
AUTO_DEFINE_VALUE(struct complaints, complaints_fini)

/* hint may be NULL.  Untrusted text goes in as quoted(…).text. */
void complain(struct complaints *complaints, enum pgcensus_severity severity,
              struct place at, const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Sorts, quotes the source lines and hands over; complaints is empty afterwards. */
void complaints_finish(struct complaints *complaints, const struct source *source,
                       struct pgcensus_diagnostics *ret_diagnostics);

/* Someone else's text in a message, between quotation marks: made safe, cut, and ended
 * where a secret may begin. */
struct quoted {
    char text[96];
};
struct quoted quoted(const char *text);

#endif

/* ${VAR}, ${VAR:-default} and $$ in values, as the shell has them.
 *
 * It happens after parsing, so that what a variable holds is a value and never YAML.
 * A dollar before anything else stays itself. */
#ifndef CONFIG_READ_EXPAND_H
#define CONFIG_READ_EXPAND_H

#include "base/buf.h"

enum { LONGEST_VARIABLE = 64 };

enum expanded {
    EXPANDED,
    EXPAND_UNSET,  /* ret_variable is not set and has no default */
    EXPAND_BROKEN, /* "${" without "}", or a name that no variable can have */
};

/* The result is as secret as its variables; out is the caller's to wipe. */
enum expanded expand_text(const char *text, struct buf *out,
                          char ret_variable[LONGEST_VARIABLE + 1]);

static inline bool expand_needed(const char *text)
{
    for (; *text; text++)
        if (*text == '$')
            return true;
    return false;
}

/* Whether the text holds anything of its own beside ${VAR}: a literal secret. */
bool expand_has_literal(const char *text);

#endif

/* Which part of a text may be shown in a diagnostic: never a secret. */
#ifndef CONFIG_READ_QUOTE_H
#define CONFIG_READ_QUOTE_H

#include "config/read/source.h"

/* Untrusted text for a message, between quotation marks: made safe, cut, and ended
 * where a secret may begin. */
struct quoted {
    char text[96];
};
struct quoted quoted(const char *text);

/* The line under the cursor, secrets as "***".  NULL: it is better not shown, because
 * it is hidden, endless, or has a secret before that column.  The caller frees it. */
char *quote_line(const struct source *source, const struct line_cursor *cursor,
                 unsigned column);

/* Whether the value of passfile or password_file looks like a path, and not like the
 * password itself. */
bool quote_is_path(const char *text, size_t n);

/* Whether a key of that name would hold a secret, misspelt ones included. */
bool quote_is_secret_key(const char *key, size_t n);

#endif

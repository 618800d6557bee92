/* A password file, as libpq has it: hostname:port:database:username:password, first
 * match wins, * matches anything, \: and \\ escape.
 * https://www.postgresql.org/docs/current/libpq-pgpass.html
 *
 * libpq reads it for every connection, and complains on stderr; we read it once. */
#ifndef CONFIG_MODEL_PASSFILE_H
#define CONFIG_MODEL_PASSFILE_H

#include "config/read/diagnostic_list.h"

#include <stdint.h>

struct passfiles; /* all that are named anywhere, and the user's own */

struct passfiles *passfiles_new(void); /* NULL: no memory */
void passfiles_free(struct passfiles *passfiles);

/* Reads a file once.  A file that is unreadable or open to others is ignored with a
 * warning; libpq ignores it as well. */
void passfiles_need(struct passfiles *passfiles, const char *path,
                    struct diagnostic_list *diagnostics, struct source_pos at);
/* The user's own, $PGPASSFILE or ~/.pgpass, which need not exist. */
void passfiles_need_own(struct passfiles *passfiles,
                        struct diagnostic_list *diagnostics);

/* path NULL: the user's own.  host: the name or address that is connected to, or a
 * socket directory as it was written.  libpq's default directory is called localhost
 * first, as libpq calls it; other directories that are a default somewhere are so if no
 * line has their own name.  NULL: no line matches, or the file was never needed. */
const char *passfiles_find(const struct passfiles *passfiles, const char *path,
                           const char *host, uint16_t port, const char *dbname,
                           const char *user);

#endif

/* Connection services: named sets of parameters in libpq's own files.
 * https://www.postgresql.org/docs/current/libpq-pgservice.html
 *
 * libpq would read the files for every connection and ask LDAP servers on the way; we
 * read them once and ask no LDAP server.  A service stands in for its lines at the
 * place where `service:` stands: keys beside it are stronger, outer levels weaker. */
#ifndef CONFIG_MODEL_SERVICES_H
#define CONFIG_MODEL_SERVICES_H

#include "config/model/value_reader.h"

struct services;

struct services *services_new(void); /* NULL: no memory */
void services_free(struct services *services);

/* Reads the service if it was not read yet, and diagnoses what is wrong with it; its
 * absence at that position. */
void services_need(struct services *services, const char *name,
                   struct value_reader *reader, struct source_pos at);
/* NULL: it was never needed, or is not there. */
const struct layer *services_find(const struct services *services, const char *name);

#endif

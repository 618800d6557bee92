#include "pg/conninfo.h"

#include "base/memory.h"

#include <libpq-fe.h>
#include <string.h>

static void free_options(PQconninfoOption *options)
{
    PQconninfoFree(options);
}
AUTO_DEFINE(PQconninfoOption *, free_options)

/* PQconndefaults() would read the environment, and with PGSERVICE set even ask LDAP. */
static PQconninfoOption *parse(const char *text, enum pg_conninfo_verdict *ret_verdict)
{
    char *message = NULL;
    PQconninfoOption *options = PQconninfoParse(text, &message);
    *ret_verdict = options   ? PG_CONNINFO_FINE
                   : message ? PG_CONNINFO_INVALID
                             : PG_CONNINFO_NO_MEMORY;
    if (message)
        explicit_bzero(message, strlen(message));
    PQfreemem(message);
    return options;
}

enum pg_conninfo_verdict pg_conninfo_read(const char *text,
                                          struct pg_conninfo *ret_conninfo)
{
    enum pg_conninfo_verdict verdict;
    AUTO(free_options) PQconninfoOption *options = parse(text, &verdict);
    struct pg_conninfo conninfo = {.n = 0};

    if (!options)
        return verdict;
    size_t n = 0;
    while (options[n].keyword)
        n++;
    conninfo.keywords = memory_array(n, sizeof *conninfo.keywords);
    if (!conninfo.keywords)
        return PG_CONNINFO_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        if (options[i].val)
            conninfo.keywords[conninfo.n++] =
                (struct pg_keyword){options[i].keyword, options[i].val};
    conninfo.options = take_ptr(options);
    *ret_conninfo = conninfo;
    return PG_CONNINFO_FINE;
}

void pg_conninfo_fini(struct pg_conninfo *conninfo)
{
    PQconninfoFree(conninfo->options);
    free(conninfo->keywords);
    *conninfo = (struct pg_conninfo){.n = 0};
}

bool pg_conninfo_knows(const char *const *keywords, size_t n, bool *ret_known)
{
    enum pg_conninfo_verdict verdict;
    AUTO(free_options) PQconninfoOption *options = parse("", &verdict);

    if (!options)
        return false;
    for (size_t i = 0; i < n; i++) {
        ret_known[i] = false;
        for (size_t j = 0; options[j].keyword && !ret_known[i]; j++)
            ret_known[i] = strcmp(options[j].keyword, keywords[i]) == 0;
    }
    return true;
}

void pg_default_socket_directory(char *to, size_t size)
{
    /* Without a password libpq would look for one in a file. */
    static const char *const keywords[] = {"channel_binding", "password", NULL};
    static const char *const values[] = {"no such thing", "none", NULL};
    PGconn *refused = PQconnectStartParams(keywords, values, /* expand_dbname= */ 0);
    const char *host = PQstatus(refused) == CONNECTION_BAD ? PQhost(refused) : NULL;
    snprintf(to, size, "%s", host ? host : "");
    PQfinish(refused);
}

#include "pg/tls_files.h"

#include <string.h>

static const struct {
    const char *keyword, *variable, *name;
    bool depends;
} files[PG_TLS_FILES] = {
    {"sslrootcert", "PGSSLROOTCERT", "root.crt", false},
    {"sslcrl", "PGSSLCRL", "root.crl", true},
    {"sslcert", "PGSSLCERT", "postgresql.crt", false},
    {"sslkey", "PGSSLKEY", "postgresql.key", true},
};

/* The last one wins, as in libpq. */
static const char *find_file(const struct pg_target *target, const char *keyword)
{
    const char *value = NULL;
    for (size_t i = 0; i < target->n_keywords; i++)
        if (strcmp(target->keywords[i].keyword, keyword) == 0)
            value = target->keywords[i].value;
    return value;
}

bool pg_tls_file(const struct pg_target *target, enum pg_sslmode mode, size_t n,
                 struct pg_tls_file *ret_file)
{
    bool stepped_down = mode == PG_SSL_REQUIRE && target->sslmode > PG_SSL_REQUIRE;
    ret_file->keyword = files[n].keyword;
    ret_file->by_itself = false;
    if (stepped_down && n == 0)
        return false; /* keywords.c replaces it by a path that cannot exist */
    ret_file->path = find_file(target, files[n].keyword);
    if (!ret_file->path)
        ret_file->path = getenv(files[n].variable);
    if (ret_file->path && *ret_file->path)
        return true;
    const char *home = getenv("HOME");
    if (!home || !*home)
        return false;
    int length = snprintf(ret_file->own, sizeof ret_file->own, "%s/.postgresql/%s",
                          home, files[n].name);
    ret_file->path = ret_file->own;
    ret_file->by_itself = true;
    return length > 0 && (size_t)length < sizeof ret_file->own;
}

bool pg_tls_file_depends(const struct pg_tls_file *file)
{
    for (size_t i = 0; i < PG_TLS_FILES; i++)
        if (files[i].keyword == file->keyword)
            return file->by_itself && files[i].depends;
    return false;
}

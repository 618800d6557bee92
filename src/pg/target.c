#include "pg/target.h"

#include "base/memory.h"

#include <string.h>

static const char *const sslmode_names[] = {
    [PG_SSL_DISABLE] = "disable",         [PG_SSL_PREFER] = "prefer",
    [PG_SSL_REQUIRE] = "require",         [PG_SSL_VERIFY_CA] = "verify-ca",
    [PG_SSL_VERIFY_FULL] = "verify-full",
};

const char *pg_sslmode_name(enum pg_sslmode mode)
{
    return sslmode_names[mode];
}

bool pg_sslmode_find(const char *name, enum pg_sslmode *ret_mode)
{
    for (size_t i = 0; i < ARRAY_SIZE(sslmode_names); i++) {
        if (strcmp(name, sslmode_names[i]) == 0) {
            *ret_mode = (enum pg_sslmode)i;
            return true;
        }
    }
    return false;
}

/* Copying NULL gives NULL and is no failure. */
static bool copy_str(const char **to, const char *from)
{
    *to = from ? strdup(from) : NULL;
    return *to || !from;
}

static bool copy_keywords(struct pg_target *copy, const struct pg_target *target)
{
    struct pg_keyword *keywords = memory_array(target->n_keywords, sizeof *keywords);
    copy->keywords = keywords;
    copy->n_keywords = 0;
    if (!keywords)
        return false;
    for (size_t i = 0; i < target->n_keywords; i++) {
        copy->n_keywords++;
        if (!copy_str(&keywords[i].keyword, target->keywords[i].keyword) ||
            !copy_str(&keywords[i].value, target->keywords[i].value))
            return false;
    }
    return true;
}

struct pg_target *pg_target_copy(const struct pg_target *target)
{
    AUTO(pg_target_free) struct pg_target *copy = memory_new(struct pg_target);
    if (!copy)
        return NULL;
    *copy = *target;
    copy->host = copy->hostaddr = copy->dbname = copy->user = copy->password = NULL;
    if (!copy_keywords(copy, target) || !copy_str(&copy->host, target->host) ||
        !copy_str(&copy->hostaddr, target->hostaddr) ||
        !copy_str(&copy->dbname, target->dbname) ||
        !copy_str(&copy->user, target->user) ||
        !copy_str(&copy->password, target->password))
        return NULL;
    return take_ptr(copy);
}

void pg_target_free(struct pg_target *copy)
{
    if (!copy)
        return;
    for (size_t i = 0; i < copy->n_keywords; i++) {
        free((char *)copy->keywords[i].keyword);
        /* sslpassword is a secret too; wiping all is simpler than knowing which. */
        memory_wipe_str((char *)copy->keywords[i].value);
    }
    free((struct pg_keyword *)copy->keywords);
    free((char *)copy->host);
    free((char *)copy->hostaddr);
    free((char *)copy->dbname);
    free((char *)copy->user);
    memory_wipe_str((char *)copy->password);
    free(copy);
}

bool pg_target_is_unix(const struct pg_target *target)
{
    return target->host && target->host[0] == '/';
}

void pg_target_describe(const struct pg_target *target, const char *address, char *to,
                        size_t size)
{
    if (pg_target_is_unix(target)) {
        snprintf(to, size, "%s/.s.PGSQL.%u", target->host, target->port);
        return;
    }
    const char *where = address && *address ? address
                        : target->hostaddr  ? target->hostaddr
                                            : target->host;
    bool is_ipv6 = strchr(where, ':') != NULL;
    snprintf(to, size, is_ipv6 ? "[%s]:%u" : "%s:%u", where, target->port);
}

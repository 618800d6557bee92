/* Removes environment variables that would silently redirect or weaken every
 * node at once, and prepares the process for many connections.
 *
 * PGHOSTADDR=127.0.0.1 in a shell makes libpq ask one server a thousand times
 * and call them all healthy.  So the variables that libpq reads are removed
 * rather than overridden, by the names that PQconndefaults() lists, which
 * include those of a newer libpq.
 *
 * The variables that it does not list are removed first, because
 * PQconndefaults() itself reads a service file, even from LDAP, if PGSERVICE is
 * set.  PGSYSCONFDIR stays: config looks there for services that a node names. */
#include "pg/environment.h"

#include "base/auto.h"
#include "base/text.h"

#include <libpq-fe.h>
#include <pgcensus/config.h>
#include <string.h>
#include <sys/resource.h>

enum { MOST_FILES = 65536 };

/* Read by libpq, but not as the default of a keyword. */
static const char *const unlisted[] = {
    "PGSERVICE",    "PGGEQO",      "PGTZ",         "PGDATESTYLE",     "PGREALM",
    "PGREQUIRESSL", "PGLOCALEDIR", "PGOAUTHDEBUG", "PGSSLKEYLOGFILE",
};

/* The lowest-ranking defaults of a node, which config reads or libpq finds by itself.
 */
static const char *const kept[] = {
    "PGUSER",   "PGPASSWORD",    "PGAPPNAME", "PGPASSFILE",  "PGSSLCERT",
    "PGSSLKEY", "PGSSLROOTCERT", "PGSSLCRL",  "PGSSLCRLDIR", "PGSERVICEFILE",
};

static bool is_kept(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
        if (strcmp(name, kept[i]) == 0)
            return true;
    return false;
}

/* Returns how many were removed, 0 or 1, and adds its name to the list. */
static size_t remove_variable(const char *name, struct buf *names)
{
    if (!getenv(name))
        return 0;
    unsetenv(name);
    if (names->len > 0)
        buf_add_str(names, ", ");
    buf_add_str(names, name);
    return 1;
}

static size_t remove_listed(struct buf *names)
{
    size_t n = 0;
    PQconninfoOption *options = PQconninfoParse("", NULL);
    for (PQconninfoOption *option = options; option && option->keyword; option++)
        if (option->envvar && !is_kept(option->envvar))
            n += remove_variable(option->envvar, names);
    PQconninfoFree(options);
    return n;
}

/* ---- Kerberos ---- */

/* A server that asks for GSS makes libpq 15 look for a KDC, 27 s if it is silent; with
 * no credentials to be found it gives up at once.  The originals wait in variables of
 * our own, because there is no other place that is as global as an environment. */
static const struct hidden {
    const char *name, *nothing, *kept_as;
} kerberos[] = {
    {"KRB5CCNAME", "MEMORY:none", "PGCENSUS_KRB5CCNAME"},
    {"KRB5_CLIENT_KTNAME", "FILE:/dev/null", "PGCENSUS_KRB5_CLIENT_KTNAME"},
};

static void hide_kerberos(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(kerberos); i++) {
        const char *original = getenv(kerberos[i].name);
        if (original && strcmp(original, kerberos[i].nothing) != 0)
            setenv(kerberos[i].kept_as, original, true);
        setenv(kerberos[i].name, kerberos[i].nothing, true);
    }
}

static bool is_hidden(const struct hidden *hidden)
{
    const char *original = getenv(hidden->kept_as);
    const char *present = getenv(hidden->name);
    return original ? !present || strcmp(present, original) != 0
                    : present && strcmp(present, hidden->nothing) == 0;
}

bool pg_environment_has_kerberos(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(kerberos); i++)
        if (is_hidden(&kerberos[i]))
            return false;
    return true;
}

/* The environment is written only once: threads of an open fleet may be reading it. */
void pg_environment_allow_kerberos(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(kerberos); i++) {
        const char *original = getenv(kerberos[i].kept_as);
        if (!is_hidden(&kerberos[i]))
            continue;
        if (original)
            setenv(kerberos[i].name, original, true);
        else
            unsetenv(kerberos[i].name);
    }
}

/* ---- limits ---- */

static void raise_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= MOST_FILES)
        return;
    /* A higher limit would slow down libraries that close "all" descriptors. */
    files.rlim_cur = files.rlim_max < MOST_FILES ? files.rlim_max : MOST_FILES;
    setrlimit(RLIMIT_NOFILE, &files);
}

static void forbid_cores(void)
{
    struct rlimit none = {0, 0}; /* a core file holds every password */
    setrlimit(RLIMIT_CORE, &none);
}

static char ignored_names[512]; /* promised to be static; written before any thread */

size_t pgcensus_environment_prepare(const char **ret_ignored)
{
    AUTO(buf_fini) struct buf removed = BUF_INIT;
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_SIZE(unlisted); i++)
        n += remove_variable(unlisted[i], &removed);
    n += remove_listed(&removed);
    text_copy(ignored_names, sizeof ignored_names, removed.bytes);

    hide_kerberos();
    raise_files();
    forbid_cores();

    *ret_ignored = ignored_names;
    return n;
}

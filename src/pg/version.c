#include "pg/version.h"

#include "base/auto.h"

#include <libpq-fe.h>
#include <openssl/crypto.h>
#include <pg_config.h>
#include <pgcensus/version.h>

static void format_version(int version, char *to, size_t size)
{
    snprintf(to, size, "%d.%d", version / 10000, version % 10000);
}

void pg_version_libpq(char *to, size_t size)
{
    char running[16], compiled[16];
    format_version(PQlibVersion(), running, sizeof running);
    format_version(PG_VERSION_NUM, compiled, sizeof compiled);
    snprintf(to, size, "%s (compiled with %s)", running, compiled);
}

const char *pg_version_openssl(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}

const char *pg_version_warning(int libpq_version)
{
    static const int fixed[] = {150020, 160015, 170011, 180006};
    for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
        if (libpq_version / 10000 == fixed[i] / 10000 && libpq_version < fixed[i])
            return "this libpq can stall on TLS connections; 15.20, 16.15, 17.11 and "
                   "18.6 are the first without that";
    return NULL;
}

const char *pgcensus_libpq_warning(void)
{
    return pg_version_warning(PQlibVersion());
}

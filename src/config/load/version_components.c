#include "built_with.h"
#include "pg/version.h"
#include "query/sqlite.h"

#include "base/auto.h"

#include <assert.h>
#include <cyaml/cyaml.h>
#include <pgcensus/version.h>
#include <yaml.h>

/* Filled at the first call and never changed after. */
static char version_libpq[48];
static struct pgcensus_component version_components[6];

size_t pgcensus_components(const struct pgcensus_component **ret_components)
{
    pg_version_libpq(version_libpq, sizeof version_libpq);
    const char *sqlite = query_sqlite_version();
    const struct pgcensus_component components[] = {
        {"libpq", version_libpq},
        {"libcyaml", cyaml_version_str},
        {"libyaml", yaml_get_version_string()},
        {"OpenSSL", pg_version_openssl()},
        {"utf8proc", HAVE_UTF8PROC ? "on" : "off"},
        {"SQLite", sqlite ? sqlite : "off"},
    };
    static_assert(ARRAY_SIZE(components) == ARRAY_SIZE(version_components), "all");
    for (size_t i = 0; i < ARRAY_SIZE(components); i++)
        version_components[i] = components[i];
    *ret_components = version_components;
    return ARRAY_SIZE(version_components);
}

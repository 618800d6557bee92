/* What --url, --set, --warning and --critical are given: a line each, whose first
 * letter says which. */
#include "config/load/load.h"

#include "fuzz.h"

enum { MOST = 16 };

static const char secret[] = "hunter2-hunter2";

struct given {
    const char *urls[MOST], *sets[MOST], *warnings[MOST], *criticals[MOST];
    struct pgcensus_config_source source;
};

static void give(struct given *given, const char *line)
{
    struct pgcensus_config_source *source = &given->source;
    switch (*line) {
    case 'u':
        if (source->n_urls < MOST)
            given->urls[source->n_urls++] = line + 1;
        break;
    case 's':
        if (source->n_sets < MOST)
            given->sets[source->n_sets++] = line + 1;
        break;
    case 'w':
        if (source->n_warnings < MOST)
            given->warnings[source->n_warnings++] = line + 1;
        break;
    case 'c':
        if (source->n_criticals < MOST)
            given->criticals[source->n_criticals++] = line + 1;
        break;
    default:
        break;
    }
}

/* Every one of them is written as a password is: in a URL, or behind its keyword. */
static bool is_kept_secret(const char *text)
{
    for (const char *at = text; (at = strstr(at, secret)) != NULL; at++) {
        static const char keyword[] = " password=", login[] = "://u:";
        const char *behind = at + strlen(secret);
        bool named = at - text >= (long)strlen(keyword) &&
                     memcmp(at - strlen(keyword), keyword, strlen(keyword)) == 0;
        bool in_url = at - text >= (long)strlen(login) && *behind == '@' &&
                      memcmp(at - strlen(login), login, strlen(login)) == 0;
        if (!named && !in_url)
            return false;
    }
    return true;
}

static void check_nodes(const struct pgcensus_config *config)
{
    require(pgcensus_config_size(config) > 0);
    for (size_t i = 0; i < pgcensus_config_size(config); i++) {
        const struct pgcensus_identity *node = pgcensus_config_node(config, i);
        const struct pgcensus_setting *rows;
        require(node->name && node->name[0] && node->host && node->host[0]);
        require(node->port > 0 && node->dbname && node->user);
        require(pgcensus_config_settings(config, i, &rows) > 30);
    }
}

static void load(const struct given *given, bool is_secret)
{
    struct pgcensus_diagnostics diagnostics;
    struct pgcensus_error error;
    AUTO(source_fini) struct source source = {.name = "fuzz.yaml"};
    if (given->source.n_urls == 0) {
        static const char yaml[] = "nodes: [{name: a, host: h}]\n";
        source.file.n = strlen(yaml);
        source.file.bytes = fuzz_string((const uint8_t *)yaml, source.file.n);
        source.file.mode = S_IFREG | 0600;
    }
    struct pgcensus_config *config =
        load_source(&source, &given->source, &diagnostics, &error);
    for (size_t i = 0; i < diagnostics.n; i++) {
        const char *message = diagnostics.items[i].message;
        require(diagnostics.items[i].file && message && message[0]);
        require(!is_secret || !strstr(message, secret));
        require_harmless(message, strlen(message));
    }
    require(config || diagnostics.n_errors > 0);
    require(config || !is_secret || !strstr(error.message, secret));
    if (config)
        check_nodes(config);
    pgcensus_config_free(config);
    pgcensus_diagnostics_free(&diagnostics);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct given given = {.source = {.n_urls = 0}};
    setenv("PGSERVICEFILE", "/nonexistent", 1);
    setenv("PGSYSCONFDIR", "/nonexistent", 1);
    setenv("PGPASSFILE", "/nonexistent", 1);
    char *text = fuzz_string(bytes, n), *rest = text, *line;
    bool is_secret = is_kept_secret(text);
    while ((line = strsep(&rest, "\n")) != NULL)
        give(&given, line);
    given.source.urls = given.urls;
    given.source.sets = given.sets;
    given.source.warnings = given.warnings;
    given.source.criticals = given.criticals;
    load(&given, is_secret);
    free(text);
    return 0;
}

/* The whole load of a configuration, from the bytes of a file to its settings. */
#include "config/load/load.h"

#include "fuzz.h"

static void check_refused(const struct pgcensus_diagnostics *diagnostics,
                          const struct pgcensus_error *error)
{
    require(diagnostics->n_errors > 0);
    require(error->trouble == PGCENSUS_TROUBLE_CONFIG);
    require(error->message[0] != '\0');
}

static void check_accepted(const struct pgcensus_config *config)
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

static void check_diagnostics(const struct pgcensus_diagnostics *diagnostics)
{
    unsigned line = 0;
    for (size_t i = 0; i < diagnostics->n; i++) {
        const struct pgcensus_diagnostic *item = &diagnostics->items[i];
        require(item->file && item->message && item->message[0]);
        require(!item->source_line || item->line > 0);
        if (strcmp(item->file, "fuzz.yaml") != 0)
            continue;
        require(item->line >= line);
        line = item->line;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const struct pgcensus_config_source options = {.n_urls = 0};
    struct pgcensus_diagnostics diagnostics;
    struct pgcensus_error error;
    AUTO(source_fini) struct source source = {.name = "fuzz.yaml"};

    source.file.bytes = malloc(n + 1);
    require(source.file.bytes);
    memcpy(source.file.bytes, bytes, n);
    source.file.bytes[n] = '\0';
    source.file.n = n;
    source.file.mode = S_IFREG | 0600;
    struct pgcensus_config *config =
        load_source(&source, &options, &diagnostics, &error);
    check_diagnostics(&diagnostics);
    if (config)
        check_accepted(config);
    else
        check_refused(&diagnostics, &error);
    pgcensus_config_free(config);
    pgcensus_diagnostics_free(&diagnostics);
    return 0;
}

/* A file of services, asked for two of them. */
#include "config/load/load.h"

#include "fuzz.h"

#include <sys/mman.h>
#include <sys/stat.h>

static const char secret[] = "hunter2-hunter2";

/* Every one of them stands where a password stands. */
static bool is_kept_secret(const char *text)
{
    static const char key[] = "\npassword=";
    const size_t length = strlen(key);
    for (const char *at = text; (at = strstr(at, secret)) != NULL; at++)
        if (at < text + length || memcmp(at - length, key, length) != 0)
            return false;
    return true;
}

static void check_said(const struct pgcensus_diagnostics *diagnostics, bool is_secret)
{
    for (size_t i = 0; i < diagnostics->n; i++) {
        const struct pgcensus_diagnostic *item = &diagnostics->items[i];
        require(item->file && item->message && item->message[0]);
        require(!is_secret || !strstr(item->message, secret));
        require(!is_secret || !item->source_line || !strstr(item->source_line, secret));
    }
}

static void check_nodes(const struct pgcensus_config *config)
{
    for (size_t i = 0; i < pgcensus_config_size(config); i++) {
        const struct pgcensus_identity *node = pgcensus_config_node(config, i);
        const struct pgcensus_setting *rows;
        require(node->host && node->host[0] && node->port > 0 && node->user);
        size_t n = pgcensus_config_settings(config, i, &rows);
        for (size_t row = 0; row < n; row++)
            require(strcmp(rows[row].key, "password") != 0 ||
                    strcmp(rows[row].value, "***") == 0);
    }
}

static void load(bool is_secret)
{
    static const char *const urls[] = {"service=a", "service=b host=h"};
    static const struct pgcensus_config_source options = {.urls = urls, .n_urls = 2};
    struct pgcensus_diagnostics diagnostics;
    struct pgcensus_error error;
    AUTO(source_fini) struct source source = {.name = "fuzz.yaml"};
    struct pgcensus_config *config =
        load_source(&source, &options, &diagnostics, &error);
    check_said(&diagnostics, is_secret);
    require(config ? diagnostics.n_errors == 0 : diagnostics.n_errors > 0);
    if (config)
        check_nodes(config);
    else
        require(!is_secret || !strstr(error.message, secret));
    pgcensus_config_free(config);
    pgcensus_diagnostics_free(&diagnostics);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char path[32];
    int fd = memfd_create("services", MFD_CLOEXEC);
    require(fd >= 0 && fchmod(fd, 0600) == 0);
    require(write(fd, bytes, n) == (ssize_t)n);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    setenv("PGSERVICEFILE", path, 1);
    setenv("PGSYSCONFDIR", "/nonexistent", 1);
    setenv("PGPASSFILE", "/nonexistent", 1);
    char *copy = fuzz_string(bytes, n);
    load(strlen(copy) == n && is_kept_secret(copy));
    free(copy);
    close(fd);
    return 0;
}

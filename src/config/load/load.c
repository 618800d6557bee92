/* pgcensus_config_load(): where the file is, and the order of reading.
 *
 * Reading diagnoses what is wrong and goes on; whether the configuration can be used is
 * asked once, at the end.  So one run finds all errors. */
#include "config/load/load.h"

#include "base/error.h"
#include "base/login.h"
#include "base/memory.h"
#include "config/load/base_layers.h"
#include "config/load/command_line.h"
#include "config/load/config_file.h"
#include "config/load/config_resolve.h"
#include "config/model/home.h"
#include "config/model/show.h"

#include <errno.h>
#include <string.h>

/* ---- where the file is ---- */

/* *ret_path NULL: the user has no home.  False: no memory. */
static bool user_path(char **ret_path)
{
    const char *xdg = getenv("XDG_CONFIG_HOME");
    if (!xdg || *xdg != '/')
        return home_path(".config/pgcensus/config.yaml", ret_path);
    *ret_path = memory_format("%s/pgcensus/config.yaml", xdg);
    return *ret_path != NULL;
}

/* The directory that was chosen at build time (--sysconfdir), and the system's; they
 * are the same with --prefix=/usr. */
static const char of_build[] = PGCENSUS_SYSCONFDIR "/pgcensus/config.yaml";
static const char of_system[] = "/etc/pgcensus/config.yaml";

static bool search(char **ret_path, struct pgcensus_error *ret_error)
{
    const char *named = getenv("PGCENSUS_CONFIG");
    bool same = strcmp(of_build, of_system) == 0;

    if (named && *named) {
        *ret_path = strdup(named);
        return *ret_path || error_memory(ret_error);
    }
    AUTO(free) char *of_user = NULL;
    if (!user_path(&of_user))
        return error_memory(ret_error);
    if (of_user && !input_file_missing(of_user))
        *ret_path = take_ptr(of_user);
    else if (!input_file_missing(of_build))
        *ret_path = strdup(of_build);
    else if (!input_file_missing(of_system))
        *ret_path = strdup(of_system);
    else
        return error_set(ret_error, PGCENSUS_TROUBLE_CONFIG,
                         "no configuration: there is neither %s nor %s%s%s, and "
                         "--config and $PGCENSUS_CONFIG are not given",
                         of_user ? of_user : "a home directory", of_build,
                         same ? "" : " nor ", same ? "" : of_system);
    return *ret_path || error_memory(ret_error);
}

static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* ---- whether it can be used ---- */

static bool refuse_config(const struct pgcensus_diagnostics *diagnostics,
                          struct pgcensus_error *ret_error)
{
    const struct pgcensus_diagnostic *first = diagnostics->items;
    size_t n = diagnostics->n_errors + diagnostics->omitted;

    while (first->severity != PGCENSUS_SEVERITY_ERROR)
        first++;
    AUTO(buf_fini) struct buf text = BUF_INIT;
    text_add_safe_str(&text, first->file ? first->file : "");
    if (first->line)
        buf_add_format(&text, ":%u:%u", first->line, first->column);
    buf_add_format(&text, ": %s", first->message);
    if (n > 1)
        buf_add_format(&text, " (the first of %zu errors)", n);
    return error_set(ret_error, PGCENSUS_TROUBLE_CONFIG, "%s", text.bytes);
}

/* True: it can be used. */
static bool conclude(struct diagnostic_list *diagnostics, const struct source *source,
                     struct pgcensus_diagnostics *ret_diagnostics,
                     struct pgcensus_error *ret_error)
{
    diagnostic_list_finish(diagnostics, source, ret_diagnostics);
    if (diagnostics->no_memory)
        return error_memory(ret_error);
    return ret_diagnostics->n_errors == 0 || refuse_config(ret_diagnostics, ret_error);
}

/* Refuses what open() would take for a path but the user cannot have meant as one. */
static bool check_path(const char *path, struct pgcensus_error *ret_error)
{
    if (*path == '\0')
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "-C: the name of the file is empty");
    if (strcmp(path, "-") == 0)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "-C: standard input is not read: name a file");
    if (strstr(path, "://") || (input_file_missing(path) && login_is_in(path)))
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "-C: it is not the name of a file; a node that stands in no "
                         "configuration is given by --url");
    return true;
}

/* ---- reading ---- */

static bool read_layers(struct pgcensus_config *config, struct source *source,
                        const struct pgcensus_config_source *options,
                        struct diagnostic_list *diagnostics)
{
    struct value_reader reader = {.diagnostics = diagnostics,
                                  .secrets = config->secrets};

    if (!value_reader_ask_libpq(&reader) || !base_layers_read(config, &reader))
        return false;
    if (source->file.bytes) {
        reader.expands = true;
        reader.directory = config->directory;
        config_file_read(config, source, &reader);
        reader.expands = false;
        reader.directory = NULL;
    }
    command_line_read(config, options, &reader);
    config_resolve(config, &reader);
    value_reader_redact(&reader);
    config->shown = show_new(config->n_nodes);
    return config->shown != NULL;
}

struct pgcensus_config *load_source(struct source *source,
                                    const struct pgcensus_config_source *options,
                                    struct pgcensus_diagnostics *ret_diagnostics,
                                    struct pgcensus_error *ret_error)
{
    AUTO(diagnostic_list_fini)
    struct diagnostic_list diagnostics = DIAGNOSTIC_LIST_INIT;
    AUTO(pgcensus_config_free) struct pgcensus_config *config = config_new();

    *ret_diagnostics = (struct pgcensus_diagnostics){.n = 0};
    if (config && source->file.bytes) {
        config->path = strdup(source->name);
        config->directory = directory_of(source->name);
    }
    if (!config || (source->file.bytes && (!config->path || !config->directory)) ||
        !read_layers(config, source, options, &diagnostics)) {
        error_memory(ret_error);
        return NULL;
    }
    if (!conclude(&diagnostics, source, ret_diagnostics, ret_error))
        return NULL;
    return take_ptr(config);
}

struct pgcensus_config *
pgcensus_config_load(const struct pgcensus_config_source *options,
                     struct pgcensus_diagnostics *ret_diagnostics,
                     struct pgcensus_error *ret_error)
{
    AUTO(free) char *found = NULL;
    AUTO(source_fini) struct source source = {.name = options->path};
    char reason[INPUT_FILE_REASON];

    *ret_diagnostics = (struct pgcensus_diagnostics){.n = 0};
    if (!source.name && options->n_urls == 0) {
        if (!search(&found, ret_error))
            return NULL;
        source.name = found;
    }
    if (source.name && !check_path(source.name, ret_error))
        return NULL;
    if (source.name &&
        !input_file_read(source.name, SOURCE_MAX, &source.file, reason)) {
        AUTO(diagnostic_list_fini)
        struct diagnostic_list diagnostics = DIAGNOSTIC_LIST_INIT;
        diagnose(&diagnostics, PGCENSUS_SEVERITY_ERROR, (struct source_pos){.line = 0},
                 NULL, "%s", reason);
        conclude(&diagnostics, &source, ret_diagnostics, ret_error);
        return NULL;
    }
    return load_source(&source, options, ret_diagnostics, ret_error);
}

#include "config_stage.h"

#include "base/buf.h"
#include "base/memory.h"
#include "config/load/load.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static char home[] = "/tmp/pgcensus-config-XXXXXX";
static char text[8192];

static void forget_environment(void)
{
    static const char *const prefixes[] = {"PG", "XDG_"};
    for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
        for (char **variable = environ; *variable;) {
            char name[128];
            snprintf(name, sizeof name, "%.*s", (int)strcspn(*variable, "="),
                     *variable);
            if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0 &&
                strcmp(name, "PGCENSUS_UPDATE") != 0 &&
                strcmp(name, "PGCENSUS_SEED") != 0)
                unsetenv(name);
            else
                variable++;
        }
}

int stage_set_up(void **state)
{
    forget_environment();
    if (!mkdtemp(home) || chdir(home) != 0)
        return -1;
    setenv("HOME", home, true);
    /* The system's own pg_service.conf must not matter. */
    setenv("PGSYSCONFDIR", home, true);
    return 0;
}

int stage_tear_down(void **state)
{
    DIR *directory = opendir(home);
    for (struct dirent *entry; directory && (entry = readdir(directory)) != NULL;)
        unlinkat(dirfd(directory), entry->d_name, 0);
    if (directory)
        closedir(directory);
    return rmdir(home);
}

const char *stage_write(const char *name, const char *content, unsigned mode)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", home, name);
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
    return path;
}

struct loaded stage_load_bytes(const void *bytes, size_t n,
                               const struct pgcensus_config_source *options)
{
    static const struct pgcensus_config_source none = {.n_urls = 0};
    struct loaded loaded = {.config = NULL};
    char path[sizeof home + 16];

    snprintf(path, sizeof path, "%s/nodes.yaml", home);
    AUTO(source_fini) struct source source = {.name = path};
    source.file.bytes = malloc(n + 1);
    assert_non_null(source.file.bytes);
    memcpy(source.file.bytes, bytes, n);
    source.file.bytes[n] = '\0';
    source.file.n = n;
    source.file.mode = S_IFREG | 0600;
    loaded.config = load_source(&source, options ? options : &none, &loaded.diagnostics,
                                &loaded.error);
    return loaded;
}

struct loaded stage_load(const char *yaml, const struct pgcensus_config_source *options)
{
    return stage_load_bytes(yaml, strlen(yaml), options);
}

void loaded_fini(struct loaded *loaded)
{
    pgcensus_config_free(loaded->config);
    pgcensus_diagnostics_free(&loaded->diagnostics);
}

const char *stage_said(const struct loaded *loaded)
{
    static const char *const severities[] = {"error", "warning", "note"};
    AUTO(buf_fini) struct buf said = BUF_INIT;
    for (size_t i = 0; i < loaded->diagnostics.n; i++) {
        const struct pgcensus_diagnostic *item = &loaded->diagnostics.items[i];
        const char *file = strrchr(item->file, '/');
        if (!file || strcmp(file, "/nodes.yaml") != 0)
            buf_add_format(&said, "%s: ", file ? file + 1 : item->file);
        if (item->line)
            buf_add_format(&said, "%u:%u: ", item->line, item->column);
        buf_add_format(&said, "%s: %s\n", severities[item->severity], item->message);
    }
    snprintf(text, sizeof text, "%s", said.bytes);
    return text;
}

void assert_refused(const char *yaml, const char *said)
{
    AUTO(loaded_fini) struct loaded loaded = stage_load(yaml, NULL);
    assert_string_equal(stage_said(&loaded), said);
    assert_null(loaded.config);
    assert_int_equal(loaded.error.trouble, PGCENSUS_TROUBLE_CONFIG);
}

struct loaded assert_loads(const char *yaml)
{
    struct loaded loaded = stage_load(yaml, NULL);
    assert_string_equal(stage_said(&loaded), "");
    assert_non_null(loaded.config);
    return loaded;
}

static size_t find_node(const struct pgcensus_config *config, const char *name)
{
    for (size_t i = 0; i < pgcensus_config_size(config); i++)
        if (strcmp(pgcensus_config_node(config, i)->name, name) == 0)
            return i;
    fail_msg("there is no node %s", name);
    return 0;
}

const char *stage_setting(const struct loaded *loaded, const char *node,
                          const char *key)
{
    const struct pgcensus_setting *rows;
    size_t n = pgcensus_config_settings(loaded->config, find_node(loaded->config, node),
                                        &rows);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].key, key) != 0)
            continue;
        int used = snprintf(text, sizeof text, "%s (%s", rows[i].value, rows[i].origin);
        if (rows[i].line)
            used +=
                snprintf(text + used, sizeof text - (size_t)used, ":%u", rows[i].line);
        snprintf(text + used, sizeof text - (size_t)used, ")");
        return text;
    }
    return "-";
}

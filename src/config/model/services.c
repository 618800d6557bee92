/* Reading pg_service.conf.
 *
 * A file is read when the first service is asked for and only indexed by the names of
 * its sections; a section becomes a layer when it is asked for.  The user's file comes
 * before the system's, and of two sections with one name the first counts. */
#include "config/model/services.h"

#include "base/memory.h"
#include "base/name_table.h"
#include "config/model/home.h"

#include <ctype.h>

#ifndef PG_SYSCONFDIR
#define PG_SYSCONFDIR "/etc/postgresql-common"
#endif

enum { MOST_BYTES = 1 << 20, N_FILES = 2 };

struct section {
    char *name;       /* inside the file's bytes */
    const char *file; /* its path */
    bool open_to_others;
    char *lines;         /* behind the header, up to the next section */
    unsigned line;       /* of the header */
    struct layer *layer; /* NULL: not read yet */
};

struct services {
    bool indexed;
    char *paths[N_FILES];
    struct input_file files[N_FILES];
    struct section *sections;
    size_t n, cap;
    struct name_table names;
};

struct services *services_new(void)
{
    return memory_new(struct services);
}

void services_free(struct services *services)
{
    if (!services)
        return;
    for (size_t i = 0; i < services->n; i++) {
        if (services->sections[i].layer)
            layer_fini(services->sections[i].layer);
        free(services->sections[i].layer);
    }
    free(services->sections);
    name_table_fini(&services->names);
    for (size_t i = 0; i < N_FILES; i++) {
        input_file_fini(&services->files[i]);
        free(services->paths[i]);
    }
    free(services);
}

/* ---- the index ---- */

/* Cuts the next line off, without blanks around it; NULL behind the last. */
static char *cut_line(char **text)
{
    char *line = *text;
    if (*line == '\0')
        return NULL;
    char *end = line + strcspn(line, "\n");
    *text = *end ? end + 1 : end;
    while (end > line && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
    return line + strspn(line, " \t");
}

static bool add_section(struct services *services, const struct section *section)
{
    size_t known;
    if (name_table_find(&services->names, section->name, &known)) /* the first counts */
        return true;
    if (!memory_grow(&services->sections, &services->cap, services->n,
                     sizeof *services->sections) ||
        !name_table_reserve(&services->names))
        return false;
    name_table_put(&services->names, section->name, services->n);
    services->sections[services->n++] = *section;
    return true;
}

/* Takes the header at `at`; returns where its line goes on.  A header without "]" ends
 * the section before it and begins none, as with libpq. */
static char *index_header(struct services *services, unsigned i, char *at,
                          unsigned line, bool *ret_good)
{
    struct section section = {
        .name = at + 1,
        .file = services->paths[i],
        .line = line,
        .open_to_others = input_file_is_open_to_others(&services->files[i]),
    };
    *at = '\0';
    at += 1 + strcspn(at + 1, "]\n");
    if (*at != ']')
        return at;
    *at++ = '\0';
    section.lines = at + strcspn(at, "\n");
    *ret_good = add_section(services, &section);
    return section.lines;
}

static bool index_text(struct services *services, unsigned i)
{
    bool line_start = true, good = true;
    unsigned line = 1;

    for (char *at = input_file_text(&services->files[i]); *at && good; at++) {
        if (line_start && *at == '[')
            at = index_header(services, i, at, line, &good);
        if (*at == '\0')
            break;
        line += *at == '\n';
        line_start = *at == '\n' || (line_start && (*at == ' ' || *at == '\t'));
    }
    return good;
}

/* *ret_path NULL: the user has no home.  False: no memory. */
static bool user_service_path(char **ret_path)
{
    const char *named = getenv("PGSERVICEFILE");
    if (!named || !*named)
        return home_path(".pg_service.conf", ret_path);
    *ret_path = strdup(named);
    return *ret_path != NULL;
}

/* A file need not exist. */
static bool index_files(struct services *services, struct value_reader *reader)
{
    services->indexed = true;
    const char *directory = getenv("PGSYSCONFDIR");
    services->paths[1] = memory_format(
        "%s/pg_service.conf", directory && *directory ? directory : PG_SYSCONFDIR);
    if (!user_service_path(&services->paths[0]) || !services->paths[1])
        return false;
    for (unsigned i = 0; i < N_FILES; i++) {
        char reason[INPUT_FILE_REASON];
        const char *path = services->paths[i];
        if (!path || input_file_missing(path))
            continue;
        if (!input_file_read(path, MOST_BYTES, &services->files[i], reason))
            diagnose(reader->diagnostics, PGCENSUS_SEVERITY_WARNING,
                     (struct source_pos){.file = path}, NULL, "%s", reason);
        else if (!index_text(services, i))
            return false;
    }
    return true;
}

/* ---- a section ---- */

/* A keyword that libpq knows and we do not use is only a note: other programs use the
 * file as well, and a warning would be in every mail of cron.  A keyword that no libpq
 * knows is a mistake. */
static void warn_ignored(struct value_reader *reader, const struct section *section,
                         const char *name, struct source_pos at)
{
    const char *why = key_refused(name);
    diagnose(reader->diagnostics,
             why ? PGCENSUS_SEVERITY_NOTE : PGCENSUS_SEVERITY_WARNING, at, NULL,
             "%s of service %s is ignored%s%s", quoted(name).text,
             quoted(section->name).text, why ? ": " : "", why ? why : "");
}

static void read_service_line(struct value_reader *reader,
                              const struct section *section, char *line,
                              struct source_pos at)
{
    char *equals = strchr(line, '=');
    enum key key;

    if (*line == '\0' || *line == '#')
        return;
    if (strncmp(line, "ldap", 4) == 0) {
        diagnose(reader->diagnostics, PGCENSUS_SEVERITY_ERROR, at, NULL,
                 "service %s asks an LDAP server, which is not supported",
                 quoted(section->name).text);
        return;
    }
    if (!equals) {
        diagnose(reader->diagnostics, PGCENSUS_SEVERITY_ERROR, at, NULL,
                 "a line of a service must be KEY=VALUE");
        return;
    }
    *equals = '\0';
    if (!key_find(line, &key) || !key_row(key)->libpq || key == KEY_SERVICE) {
        warn_ignored(reader, section, line, at);
        return;
    }
    if (layer_find(section->layer, key)) /* the first counts, as with libpq */
        return;
    if (key_is_secret(key) && section->open_to_others)
        diagnose(reader->diagnostics, PGCENSUS_SEVERITY_WARNING, at, "chmod 600",
                 "a password in a file that others can read");
    char *text = value_reader_from_libpq(key, equals + 1);
    reader->diagnostics->no_memory |= !text;
    if (text && *text)
        value_reader_set(reader, section->layer, key, text, at);
    else
        free(text);
    explicit_bzero(equals + 1, strlen(equals + 1));
}

static bool read_section(struct section *section, struct value_reader *reader)
{
    /* The lines are written for libpq, which expands nothing. */
    struct value_reader plain = *reader;
    plain.expands = false;
    plain.directory = NULL;

    section->layer = memory_new(struct layer);
    if (!section->layer)
        return false;
    section->layer->origin = "service";
    section->layer->name = section->name;
    struct source_pos at = {.file = section->file, .line = section->line, .column = 1};
    char *text = section->lines, *line;
    cut_line(&text); /* the rest of the header */
    while ((line = cut_line(&text)) != NULL) {
        at.line++;
        read_service_line(&plain, section, line, at);
    }
    return true;
}

void services_need(struct services *services, const char *name,
                   struct value_reader *reader, struct source_pos at)
{
    size_t number;

    if (!services->indexed && !index_files(services, reader)) {
        reader->diagnostics->no_memory = true;
        return;
    }
    if (!name_table_find(&services->names, name, &number)) {
        const char *of_user = services->paths[0];
        diagnose(reader->diagnostics, PGCENSUS_SEVERITY_ERROR, at, NULL,
                 "service %s is not defined in %s%s%s", quoted(name).text,
                 of_user ? of_user : "", of_user ? " or " : "", services->paths[1]);
        return;
    }
    struct section *section = &services->sections[number];
    if (!section->layer && !read_section(section, reader))
        reader->diagnostics->no_memory = true;
}

const struct layer *services_find(const struct services *services, const char *name)
{
    size_t number;
    return services && name_table_find(&services->names, name, &number)
               ? services->sections[number].layer
               : NULL;
}

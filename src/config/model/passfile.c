/* Reading password files.
 *
 * A file is cut into its fields in place, once; then each node is looked for line by
 * line.  A hash of the host, compared before any text, makes that fast enough for
 * 10,000 nodes and 10,000 lines. */
#include "config/model/passfile.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/name_table.h"
#include "config/model/home.h"
#include "pg/conninfo.h"

#include <errno.h>
#include <string.h>

enum { MOST_BYTES = 16 << 20, LONGEST_DIRECTORY = 108 };

enum passfile_field { HOST, PORT, DBNAME, USER, PASSWORD, N_FIELDS };

struct passfile_entry {
    uint64_t host_hash; /* compared first: 10,000 nodes may ask 10,000 lines */
    bool any_host;
    char *fields[N_FIELDS]; /* inside the file's bytes, escapes resolved; NULL: "*" */
};

/* One file. */
struct passfile {
    char *path;
    bool usable; /* it was read, and is closed to others */
    struct input_file file;
    struct passfile_entry *entries;
    size_t n, cap;
};

struct passfiles {
    struct passfile own; /* the user's */
    struct passfile **named;
    size_t n, cap;
    struct name_table names;
    char directory[LONGEST_DIRECTORY]; /* of sockets, by default; "": not known */
};

/* Cuts the next field off the line, in place; NULL: the one before it was the last. */
static char *cut_field(char **line)
{
    if (!*line)
        return NULL;

    char *start = *line, *to = start, *from = start;
    while (*from && *from != ':') {
        if (*from == '\\' && from[1])
            from++;
        *to++ = *from++;
    }
    *line = *from ? from + 1 : NULL;
    /* What is left behind a resolved escape may be the end of a secret. */
    memset(to, 0, (size_t)(from - to) + (*from == ':'));
    return start;
}

static bool read_line(struct passfile *passfile, char *line)
{
    struct passfile_entry entry = {.any_host = false};
    bool wild[N_FIELDS];

    if (*line == '#' || *line == '\0')
        return true;
    for (unsigned i = 0; i < N_FIELDS; i++) {
        /* "\*" is a literal asterisk. */
        wild[i] = i < PASSWORD && line && line[0] == '*' && line[1] == ':';
        entry.fields[i] = cut_field(&line);
        if (!entry.fields[i])
            return true; /* too few: libpq skips it as well */
        if (wild[i])
            entry.fields[i] = NULL;
    }
    entry.any_host = !entry.fields[HOST];
    entry.host_hash = entry.any_host ? 0 : hash_text(entry.fields[HOST]);
    if (!memory_grow(&passfile->entries, &passfile->cap, passfile->n,
                     sizeof *passfile->entries))
        return false;
    passfile->entries[passfile->n++] = entry;
    return true;
}

static bool read_lines(struct passfile *passfile)
{
    char *line = input_file_text(&passfile->file);
    char *end = passfile->file.bytes + passfile->file.n;
    while (line < end) {
        char *next = line + strcspn(line, "\n");
        if (next > line && next[-1] == '\r')
            next[-1] = '\0';
        *next = '\0';
        if (!read_line(passfile, line))
            return false;
        line = next + 1;
    }
    return true;
}

/* ---- the files ---- */

static void passfile_fini(struct passfile *passfile)
{
    input_file_fini(&passfile->file);
    free(passfile->entries);
    free(passfile->path);
}

struct passfiles *passfiles_new(void)
{
    struct passfiles *passfiles = memory_new(struct passfiles);
    if (passfiles)
        pg_default_socket_directory(passfiles->directory, sizeof passfiles->directory);
    return passfiles;
}

void passfiles_free(struct passfiles *passfiles)
{
    if (!passfiles)
        return;
    for (size_t i = 0; i < passfiles->n; i++) {
        passfile_fini(passfiles->named[i]);
        free(passfiles->named[i]);
    }
    free(passfiles->named);
    name_table_fini(&passfiles->names);
    passfile_fini(&passfiles->own);
    free(passfiles);
}

/* A path that does not exist is not quoted: it may be the password itself. */
static void warn_unread(const struct passfile *passfile,
                        struct diagnostic_list *diagnostics, struct source_pos at,
                        const char *reason)
{
    const char *path = passfile->path, *slash = strrchr(path, '/');
    bool missing = input_file_missing(path);
    int n = !missing ? (int)strlen(path) : slash ? (int)(slash - path) : 0;
    AUTO(free) char *shown = memory_format("%.*s", n, path);
    diagnose(diagnostics, PGCENSUS_SEVERITY_WARNING, at, NULL, "password file%s%s %s",
             n == 0    ? ""
             : missing ? " in "
                       : " ",
             shown && n > 0 ? quoted(shown).text : "", reason);
}

static void read_file(struct passfile *passfile, struct diagnostic_list *diagnostics,
                      struct source_pos at)
{
    char reason[INPUT_FILE_REASON];

    if (!input_file_read(passfile->path, MOST_BYTES, &passfile->file, reason)) {
        warn_unread(passfile, diagnostics, at, reason);
        return;
    }
    if (passfile->file.mode & (S_IRWXG | S_IRWXO)) {
        diagnose(
            diagnostics, PGCENSUS_SEVERITY_WARNING, at, "chmod 600",
            "password file %s is ignored, because others than its owner may use it",
            quoted(passfile->path).text);
        return;
    }
    passfile->usable = read_lines(passfile);
    diagnostics->no_memory |= !passfile->usable;
}

/* *ret_path NULL: the user has no home.  False: no memory. */
static bool own_path(char **ret_path)
{
    const char *named = getenv("PGPASSFILE");
    if (!named || !*named)
        return home_path(".pgpass", ret_path);
    *ret_path = strdup(named);
    return *ret_path != NULL;
}

static struct passfile *add_passfile(struct passfiles *passfiles, const char *path)
{
    if (!memory_grow(&passfiles->named, &passfiles->cap, passfiles->n,
                     sizeof *passfiles->named) ||
        !name_table_reserve(&passfiles->names))
        return NULL;
    struct passfile *passfile = memory_new(struct passfile);
    if (!passfile)
        return NULL;
    passfile->path = strdup(path);
    if (!passfile->path) {
        free(passfile);
        return NULL;
    }
    name_table_put(&passfiles->names, passfile->path, passfiles->n);
    passfiles->named[passfiles->n++] = passfile;
    return passfile;
}

void passfiles_need(struct passfiles *passfiles, const char *path,
                    struct diagnostic_list *diagnostics, struct source_pos at)
{
    size_t known;
    if (name_table_find(&passfiles->names, path, &known))
        return;
    struct passfile *passfile = add_passfile(passfiles, path);
    if (passfile)
        read_file(passfile, diagnostics, at);
    else
        diagnostics->no_memory = true;
}

void passfiles_need_own(struct passfiles *passfiles,
                        struct diagnostic_list *diagnostics)
{
    struct passfile *own = &passfiles->own;
    if (!own_path(&own->path))
        diagnostics->no_memory = true;
    else if (own->path && !input_file_missing(own->path))
        read_file(own, diagnostics, (struct source_pos){.file = own->path});
}

/* ---- asking them ---- */

/* Whether another build of libpq or of the server has its sockets there by default. */
static bool is_default_elsewhere(const char *host)
{
    static const char *const known[] = {"/tmp", "/var/run/postgresql",
                                        "/run/postgresql"};
    for (size_t i = 0; i < ARRAY_SIZE(known); i++)
        if (strcmp(host, known[i]) == 0)
            return true;
    return false;
}

static bool matches(const char *field, const char *value)
{
    return !field || strcmp(field, value) == 0;
}

static const char *find_line(const struct passfile *passfile, const char *host,
                             uint16_t port, const char *dbname, const char *user)
{
    char digits[8];
    snprintf(digits, sizeof digits, "%u", port);

    uint64_t wanted = hash_text(host);
    for (size_t i = 0; i < passfile->n; i++) {
        const struct passfile_entry *entry = &passfile->entries[i];
        if ((entry->any_host ||
             (entry->host_hash == wanted && strcmp(entry->fields[HOST], host) == 0)) &&
            matches(entry->fields[PORT], digits) &&
            matches(entry->fields[DBNAME], dbname) &&
            matches(entry->fields[USER], user))
            return entry->fields[PASSWORD];
    }
    return NULL;
}

/* Looks first as libpq does, so that we find the password that psql finds: libpq calls
 * its own default directory localhost, and every other directory by its name. */
static const char *find_password(const struct passfile *passfile,
                                 const char *own_directory, const char *host,
                                 uint16_t port, const char *dbname, const char *user)
{
    bool own = strcmp(host, own_directory) == 0;
    const char *first = own ? "localhost" : host, *second = own ? host : "localhost";
    const char *found = find_line(passfile, first, port, dbname, user);
    if (!found && (own || is_default_elsewhere(host)))
        found = find_line(passfile, second, port, dbname, user);
    return found && *found ? found : NULL; /* an empty one hides those below it */
}

const char *passfiles_find(const struct passfiles *passfiles, const char *path,
                           const char *host, uint16_t port, const char *dbname,
                           const char *user)
{
    const struct passfile *passfile = &passfiles->own;
    size_t number;

    if (path) {
        if (!name_table_find(&passfiles->names, path, &number))
            return NULL;
        passfile = passfiles->named[number];
    }
    return passfile->usable
               ? find_password(passfile, passfiles->directory, host, port, dbname, user)
               : NULL;
}

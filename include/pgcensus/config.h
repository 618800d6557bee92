/* The configuration: a YAML file of nodes, read with all its errors at once.
 *
 * Reading has three parts, each with its own diagnostics: the text (libyaml, lines
 * and columns), the binding (libcyaml), the meaning (inheritance, ranges, names).
 * A configuration is immutable once loaded, owns all its strings, and is freed by
 * pgcensus_config_free(). */
#ifndef PGCENSUS_CONFIG_H
#define PGCENSUS_CONFIG_H

#include <pgcensus/status.h>
#include <stdbool.h>
#include <stddef.h>

struct pgcensus_config;
struct pgcensus_fleet;

/* ---- the sources of a configuration ---- */

struct pgcensus_config_source {
    const char *path;        /* --config; NULL: search, see below */
    const char *const *urls; /* --url, ad hoc nodes; with any, no file is needed */
    size_t n_urls;
    const char *const *sets; /* --set KEY=VALUE, stronger than the file */
    size_t n_sets;
    /* --warning METRIC=RANGE, --critical METRIC=RANGE: stronger than sets */
    const char *const *warnings, *const *criticals;
    size_t n_warnings, n_criticals;
    nsec timeout;         /* --timeout: the whole check of a node; 0: not given */
    nsec connect_timeout; /* --connect-timeout; 0: not given */
};

/* ---- diagnostics ---- */

enum pgcensus_severity {
    PGCENSUS_SEVERITY_ERROR,
    PGCENSUS_SEVERITY_WARNING,
    PGCENSUS_SEVERITY_NOTE, /* shown under -v only */
};

/* One diagnostic in GNU form: FILE:LINE:COLUMN: error: message.  Lines and
 * columns count from 1, columns in characters; 0 means "the file as a whole".
 * Neither message nor source_line ever holds a secret (a secret is shown as
 * "***"). */
struct pgcensus_diagnostic {
    enum pgcensus_severity severity;
    const char *file; /* the path, or "--url 1", "--set port" … */
    unsigned line, column;
    const char *message;
    const char *source_line; /* NULL if there is none to show */
    const char *hint;        /* NULL, or one more sentence */
};

/* At most 50 errors are kept; "omitted" counts the rest.  Sorted by line. */
struct pgcensus_diagnostics {
    struct pgcensus_diagnostic *items;
    size_t n, n_errors, omitted;
};

void pgcensus_diagnostics_free(struct pgcensus_diagnostics *diagnostics);

/* Finds the file (path, $PGCENSUS_CONFIG, $XDG_CONFIG_HOME/pgcensus/config.yaml
 * or ~/.config/…, /etc/pgcensus/config.yaml; the first that exists wins,
 * nothing is merged), reads and checks it.  NULL: it cannot be used; ret_error
 * says so in one line, *ret_diagnostics holds every reason.  Warnings and notes
 * can be there on success too; the caller frees them either way. */
struct pgcensus_config *
pgcensus_config_load(const struct pgcensus_config_source *source,
                     struct pgcensus_diagnostics *ret_diagnostics,
                     struct pgcensus_error *ret_error);
void pgcensus_config_free(struct pgcensus_config *config);

/* The path that was read; NULL if all nodes came from --url. */
const char *pgcensus_config_path(const struct pgcensus_config *config);

/* ---- nodes and settings ---- */

struct pgcensus_label {
    const char *key, *value;
};

/* The identity of a node; all text is UTF-8 from the file, to be made safe
 * before printing.  Pointers live as long as the configuration (or fleet) that
 * they came from. */
struct pgcensus_identity {
    const char *name;
    const char *group; /* NULL: in none */
    const struct pgcensus_label *labels;
    size_t n_labels;
    const char *host;     /* name, address or socket directory */
    const char *hostaddr; /* the address of a host that has a name; NULL: not given */
    uint16_t port;
    const char *dbname;
    const char *user;
    bool enabled;
    bool via_pooler; /* or is the pooler's own console */
    bool simple; /* accepts only a simple Query, outside of transactions: SHOW … */
    bool allow_write;               /* query --write may be used on it */
    enum pgcensus_role expect_role; /* ROLE_UNKNOWN: any role is fine */
    bool expect_archive; /* a standby that gets its WAL from an archive, on purpose */
};

size_t pgcensus_config_size(const struct pgcensus_config *config);
const struct pgcensus_identity *
pgcensus_config_node(const struct pgcensus_config *config, size_t index);

/* One effective value and its origin, for `config show`.  A secret is "***".
 * origin is "built-in", "environment", "defaults", "group NAME", "node",
 * "service NAME", "--set", "--url", "--timeout", "--warning" …; line is 0
 * unless the value is in the file. */
struct pgcensus_setting {
    const char *key; /* "port", "pool.max", … */
    const char *value;
    const char *origin;
    unsigned line;
};

/* Rows live as long as the configuration; there are none only if memory ran out. */
size_t pgcensus_config_settings(const struct pgcensus_config *config, size_t index,
                                const struct pgcensus_setting **ret_settings);

/* The commented template that `config example` prints. */
const char *pgcensus_config_example(void);

/* ---- choosing nodes ---- */

struct pgcensus_selection {
    const char *const *nodes; /* globs; "!glob" excludes; each may be a comma list */
    size_t n_nodes;
    const char *const *groups; /* names; each may be a comma list */
    size_t n_groups;
    const char *const *labels; /* KEY=VALUE, all must match */
    size_t n_labels;
};

/* Marks the selected nodes: *ret_selected is an array of pgcensus_config_size()
 * booleans, freed by the caller with free().  A name without a wildcard that
 * matches nothing is an error with a suggestion, an empty selection is
 * TROUBLE_SELECTION. */
bool pgcensus_config_select(const struct pgcensus_config *config,
                            const struct pgcensus_selection *selection,
                            bool **ret_selected, struct pgcensus_error *ret_error);

/* Makes a fleet of the selected nodes, in inventory order, disabled ones
 * included (they are reported, not asked).  selected == NULL: all.  The fleet
 * copies what it needs; the configuration may be freed before it.  The first
 * node that asks for Kerberos brings back the variables that
 * pgcensus_environment_prepare() hid: open such a fleet before there are
 * threads that read the environment. */
struct pgcensus_fleet *pgcensus_config_open(const struct pgcensus_config *config,
                                            const bool *selected,
                                            struct pgcensus_error *ret_error);

/* ---- the process's environment ---- */

/* Removes every variable that libpq would let redirect or weaken a node (PGHOSTADDR,
 * PGSERVICE, PGSSLMODE, …; PGUSER, PGPASSWORD, PGAPPNAME, PGPASSFILE and the PGSSL*
 * file locations stay), keeps Kerberos away from libpq, raises the soft limit of open
 * files and turns core files off.  Process-wide: call it once, before any thread is
 * started and before pgcensus_config_load().  Returns the number of ignored variables
 * and their names, comma-separated and static, for a note under -v. */
size_t pgcensus_environment_prepare(const char **ret_ignored);

#endif

/* The shape of the YAML: what libcyaml binds and lint walks, the same tables. */
#ifndef CONFIG_READ_SCHEMA_H
#define CONFIG_READ_SCHEMA_H

#include "config/keys.h"

#include <cyaml/cyaml.h>
#include <stddef.h>

enum { MOST_GROUPS = 10000, MOST_NODES_IN_FILE = 100000, MOST_LABELS = 100 };

/* One mapping as libcyaml leaves it: texts only, NULL where nothing was given.
 * libcyaml would read numbers itself, but it takes 5432x for 5432, 010 for 8 and flase
 * for true; so every value is text here and read in value.c. */
struct raw {
    char *text[KEY_COUNT];
    char **labels;
    unsigned n_labels;
};

struct raw_group {
    struct raw own; /* name, require, thresholds */
    struct raw defaults;
};

struct raw_file {
    char *version;
    struct raw defaults;
    struct raw_group *groups;
    unsigned n_groups;
    struct raw *nodes;
    unsigned n_nodes;
};

/* A raw_file.  The offset of a text inside a struct raw tells its key. */
extern const cyaml_schema_value_t schema_file;
extern const cyaml_schema_field_t schema_node_fields[];

static inline enum key schema_key(size_t offset_in_raw)
{
    return (enum key)((offset_in_raw - offsetof(struct raw, text)) / sizeof(char *));
}

#endif

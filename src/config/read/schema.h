/* The shape of the YAML, made from the rows of the key table: libcyaml binds by it and
 * lint walks it, the same tables. */
#ifndef CONFIG_READ_SCHEMA_H
#define CONFIG_READ_SCHEMA_H

#include "base/auto.h"
#include "config/keys.h"

#include <cyaml/cyaml.h>
#include <stddef.h>

enum { MOST_GROUPS = 10000, MOST_NODES_IN_FILE = 100000, MOST_LABELS = 100 };

/* One mapping as libcyaml leaves it: texts only, NULL where nothing was given.
 * libcyaml would read numbers itself, but it takes 5432x for 5432, 010 for 8 and flase
 * for true; so every value is text here and read in model/value.c. */
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

enum {
    MOST_SCHEMA_FIELDS = 4 * KEY_COUNT,
    MOST_BLOCKS = 64,
    LONGEST_PATH = 64,
    N_SECTIONS = 4
};

/* libcyaml's tables point to each other, so a schema stays where it is. */
struct schema {
    cyaml_schema_value_t file; /* of a raw_file */
    /* The fields of one mapping each, with an end.  The offset of a text in a struct
     * raw tells its key. */
    const cyaml_schema_field_t *defaults, *group, *node;

    /* what these point to */
    cyaml_schema_field_t sections[N_SECTIONS + 1];
    cyaml_schema_value_t a_group, a_node, a_label;
    cyaml_schema_field_t fields[MOST_SCHEMA_FIELDS]; /* mapping behind mapping */
    size_t n_fields;
    char blocks[MOST_BLOCKS][LONGEST_PATH]; /* their paths: "thresholds.latency" */
    size_t n_blocks;
};

struct schema *schema_new(void); /* NULL: no memory */
void schema_free(struct schema *schema);
AUTO_DEFINE(struct schema *, schema_free)

static inline enum key schema_key(size_t offset_in_raw)
{
    return (enum key)((offset_in_raw - offsetof(struct raw, text)) / sizeof(char *));
}

#endif

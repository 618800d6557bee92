/* The shape of a configuration: keys, kinds, lists, against the tables that libcyaml
 * binds by, but with all the faults at once and where each of them is. */
#ifndef CONFIG_READ_LINT_H
#define CONFIG_READ_LINT_H

#include "config/read/schema.h"
#include "config/read/tree.h"

/* Diagnoses errors, marks what is bad, and notes at each key which field it is.  False:
 * there were errors, and libcyaml would refuse the text. */
bool lint_tree(struct tree *tree, const struct schema *schema,
               struct diagnostic_list *diagnostics);

/* The field of a key; NULL: lint did not know the key. */
static inline const cyaml_schema_field_t *
lint_field(const struct tree *tree, tree_id key, const cyaml_schema_field_t *fields)
{
    uint16_t field = tree->nodes[key].field;
    return field ? &fields[field - 1] : NULL;
}

#endif

/* The rows of the key table as the tables that libcyaml wants.
 *
 * A block such as pool: has no struct of its own.  It is bound at offset 0 of the
 * mapping that it stands in, so that every text, however deep, lands in raw.text[]
 * under its key, and reading, inheriting and showing need no second shape.
 *
 * libcyaml does not type-check schemas: a wrong offset writes past the struct.  Hence
 * one test that sets every key. */
#include "config/read/schema.h"

#include "base/memory.h"

#include <assert.h>
#include <string.h>

static cyaml_schema_field_t *add_field(struct schema *schema,
                                       cyaml_schema_field_t field)
{
    assert(schema->n_fields < MOST_SCHEMA_FIELDS);
    schema->fields[schema->n_fields] = field;
    return &schema->fields[schema->n_fields++];
}

/* ---- keys ---- */

static cyaml_schema_field_t text_field(const char *name, enum key key)
{
    enum cyaml_flag optional = key_row(key)->required ? 0 : CYAML_FLAG_OPTIONAL;
    return (cyaml_schema_field_t){
        .key = name,
        .data_offset = (uint32_t)(offsetof(struct raw, text) + key * sizeof(char *)),
        .value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER | optional, char *, 1,
                                     CYAML_UNLIMITED)},
    };
}

/* The field of the block that begins path, "pool" of "pool.max"; its own fields are not
 * there yet. */
static cyaml_schema_field_t block_field(struct schema *schema, const char *path,
                                        const char *end)
{
    assert(schema->n_blocks < MOST_BLOCKS && end - path < LONGEST_PATH);
    char *block = schema->blocks[schema->n_blocks++];
    memcpy(block, path, (size_t)(end - path));
    const char *dot = strrchr(block, '.');
    return (cyaml_schema_field_t){
        .key = dot ? dot + 1 : block,
        .data_offset = 0,
        .value = {CYAML_VALUE_MAPPING(CYAML_FLAG_OPTIONAL, struct raw, NULL)},
    };
}

static bool has_field(const cyaml_schema_field_t *fields, size_t n, const char *name,
                      size_t length)
{
    for (size_t i = 0; i < n; i++)
        if (strncmp(fields[i].key, name, length) == 0 && fields[i].key[length] == '\0')
            return true;
    return false;
}

/* The fields of the mapping at prefix ("", "pool.") and of the blocks in it.  last: one
 * that is no key, or NULL. */
static const cyaml_schema_field_t *add_mapping(struct schema *schema,
                                               enum key_place place, const char *prefix,
                                               const cyaml_schema_field_t *last)
{
    cyaml_schema_field_t *first = &schema->fields[schema->n_fields];
    size_t n_prefix = strlen(prefix);

    for (unsigned key = 0; key < KEY_COUNT; key++) {
        const char *path = key_row((enum key)key)->path, *name = path + n_prefix;
        if (!key_stands((enum key)key, place) || strncmp(path, prefix, n_prefix) != 0)
            continue;
        size_t n = (size_t)(&schema->fields[schema->n_fields] - first);
        const char *dot = strchr(name, '.');
        if (!dot)
            add_field(schema, text_field(name, (enum key)key));
        else if (!has_field(first, n, name, (size_t)(dot - name)))
            add_field(schema, block_field(schema, path, dot));
    }
    if (last)
        add_field(schema, *last);
    cyaml_schema_field_t *end =
        add_field(schema, (cyaml_schema_field_t)CYAML_FIELD_END);

    for (cyaml_schema_field_t *field = first; field < end; field++)
        if (field->value.type == CYAML_MAPPING && !field->value.mapping.fields) {
            char inner[LONGEST_PATH + 1];
            snprintf(inner, sizeof inner, "%s%s.", prefix, field->key);
            field->value.mapping.fields = add_mapping(schema, place, inner, NULL);
        }
    return first;
}

/* ---- sections ---- */

static void add_sections(struct schema *schema)
{

    schema->a_label = (cyaml_schema_value_t){
        CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, CYAML_UNLIMITED)};
    const cyaml_schema_field_t labels = CYAML_FIELD_SEQUENCE_COUNT(
        "labels", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw, labels,
        n_labels, &schema->a_label, 0, MOST_LABELS);
    schema->defaults = add_mapping(schema, IN_DEFAULTS, "", &labels);
    schema->node = add_mapping(schema, IN_NODE, "", &labels);
    const cyaml_schema_field_t defaults = CYAML_FIELD_MAPPING(
        "defaults", CYAML_FLAG_OPTIONAL, struct raw_group, defaults, schema->defaults);
    schema->group = add_mapping(schema, IN_GROUP, "", &defaults);

    schema->a_group = (cyaml_schema_value_t){
        CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_group, schema->group)};
    schema->a_node = (cyaml_schema_value_t){
        CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw, schema->node)};
    const cyaml_schema_field_t sections[] = {
        CYAML_FIELD_STRING_PTR("version", CYAML_FLAG_OPTIONAL, struct raw_file, version,
                               1, CYAML_UNLIMITED),
        CYAML_FIELD_MAPPING("defaults", CYAML_FLAG_OPTIONAL, struct raw_file, defaults,
                            schema->defaults),
        CYAML_FIELD_SEQUENCE_COUNT("groups", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                                   struct raw_file, groups, n_groups, &schema->a_group,
                                   0, MOST_GROUPS),
        /* At least one: an empty list watches nothing and would call that fine. */
        CYAML_FIELD_SEQUENCE_COUNT("nodes", CYAML_FLAG_POINTER, struct raw_file, nodes,
                                   n_nodes, &schema->a_node, 1, MOST_NODES_IN_FILE),
        CYAML_FIELD_END,
    };
    static_assert(sizeof sections == sizeof schema->sections, "all");
    memcpy(schema->sections, sections, sizeof sections);
    schema->file = (cyaml_schema_value_t){
        CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw_file, schema->sections)};
}

struct schema *schema_new(void)
{
    struct schema *schema = memory_new(struct schema);
    if (schema)
        add_sections(schema);
    return schema;
}

void schema_free(struct schema *schema)
{
    free(schema);
}

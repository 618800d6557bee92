/* From text to layers: tree, lint, libcyaml, and then value by value.
 *
 * The texts of a configuration that is going to be used are those that libcyaml bound.
 * If lint found errors, libcyaml would stop at the first of them, so the texts come
 * from the tree instead.  They serve only to find more errors: a user gets all errors
 * of a file in one run.
 *
 * Reading walks the tree, which holds what was written and knows where, and looks the
 * texts up in what libcyaml bound, where the offset of a field tells its key. */
#include "config/load/config_file.h"

#include "base/memory.h"
#include "config/read/bind.h"
#include "config/read/expand.h"
#include "config/read/lint.h"

#define ERROR PGCENSUS_SEVERITY_ERROR

struct config_file {
    struct pgcensus_config *config;
    struct value_reader *reader;
    const struct source *source;
    const struct tree *tree;
    const struct schema *schema;
    struct raw_file *raw; /* NULL: there are errors, texts come from the tree */
};

/* ---- one mapping ---- */

/* Moves the text out of what libcyaml bound, or copies the tree's. */
static char *bound_text(struct config_file *file, char **bound, tree_id id)
{
    if (bound && *bound)
        return take_ptr(*bound);
    char *copy = strdup(tree_text(file->tree, id));
    file->reader->diagnostics->no_memory |= !copy;
    return copy;
}

static void read_labels(struct config_file *file, tree_id list, const struct raw *raw,
                        struct layer *layer)
{
    size_t i = 0;
    for (tree_id id = tree_first(file->tree, list); id;
         id = tree_at(file->tree, id)->next, i++) {
        if (tree_at(file->tree, id)->bad)
            continue;
        char **bound = raw && i < raw->n_labels ? &raw->labels[i] : NULL;
        char *text = bound_text(file, bound, id);
        if (text)
            value_reader_set_label(file->reader, layer, text, tree_pos(file->tree, id));
    }
}

static void read_mapping(struct config_file *file, tree_id mapping,
                         const cyaml_schema_field_t *fields, struct raw *raw,
                         struct layer *layer)
{
    const struct tree *tree = file->tree;

    for (tree_id key = tree_first(tree, mapping); key; key = tree_next_key(tree, key)) {
        const cyaml_schema_field_t *field = lint_field(tree, key, fields);
        tree_id value = tree_value(tree, key);
        if (!field || tree_at(tree, value)->bad)
            continue;
        if (field->value.type == CYAML_MAPPING) {
            /* Offset 0, the same struct, unless it is a group's defaults. */
            void *inner = raw ? (char *)raw + field->data_offset : NULL;
            read_mapping(file, value, field->value.mapping.fields, inner, layer);
        } else if (field->value.type == CYAML_SEQUENCE) {
            read_labels(file, value, raw, layer);
        } else {
            enum key id = schema_key(field->data_offset);
            char *text = bound_text(file, raw ? &raw->text[id] : NULL, value);
            if (text)
                value_reader_set(file->reader, layer, id, text, tree_pos(tree, value));
        }
    }
}

/* ---- the sections ---- */

/* The value of a section that has the right kind; 0: there is none. */
static tree_id find_section(const struct config_file *file, const char *name)
{
    tree_id value = tree_find(file->tree, file->tree->root, name);
    return value && !tree_at(file->tree, value)->bad ? value : 0;
}

static const struct config_setting *group_name(const struct pgcensus_config *config,
                                               size_t number)
{
    return layer_find(&config->groups[number].layer, KEY_NAME);
}

static const struct config_setting *node_name(const struct pgcensus_config *config,
                                              size_t number)
{
    return layer_find(&config->nodes[number].layer, KEY_NAME);
}

/* A name must be new; owner() finds the setting that has it already. */
static void claim_name(
    struct config_file *file, struct name_table *names, const char *what,
    const struct config_setting *setting, size_t number,
    const struct config_setting *(*owner)(const struct pgcensus_config *, size_t))
{
    struct diagnostic_list *diagnostics = file->reader->diagnostics;
    size_t known;

    if (name_table_find(names, setting->text, &known)) {
        diagnose(diagnostics, ERROR,
                 (struct source_pos){.line = setting->line, .column = setting->column},
                 NULL, "duplicate %s %s (first given on line %u)", what,
                 quoted(setting->text).text, owner(file->config, known)->line);
    } else if (name_table_reserve(names)) {
        name_table_put(names, setting->text, number);
    } else {
        diagnostics->no_memory = true;
    }
}

static void read_groups(struct config_file *file)
{
    struct pgcensus_config *config = file->config;
    tree_id list = find_section(file, "groups");

    config->has_groups = tree_find(file->tree, file->tree->root, "groups") != 0;
    if (!list)
        return;
    config->groups =
        memory_array(tree_at(file->tree, list)->size, sizeof *config->groups);
    file->reader->diagnostics->no_memory |= !config->groups;
    if (!config->groups)
        return;
    for (tree_id id = tree_first(file->tree, list); id;
         id = tree_at(file->tree, id)->next) {
        size_t number = config->n_groups++;
        struct config_group *group = &config->groups[number];
        group->layer.origin = "group";
        if (tree_at(file->tree, id)->bad)
            continue;
        struct raw *raw = file->raw ? &file->raw->groups[number].own : NULL;
        read_mapping(file, id, file->schema->group, raw, &group->layer);
        const struct config_setting *name = group_name(config, number);
        if (!name)
            continue;
        group->name = group->layer.name = name->text;
        claim_name(file, &config->group_names, "group", name, number, group_name);
    }
}

static void refuse_group_name(struct config_file *file,
                              const struct config_setting *setting)
{
    const struct pgcensus_config *config = file->config;
    AUTO(free) const char **names = memory_array(config->n_groups, sizeof *names);
    size_t n = 0;
    for (size_t i = 0; names && i < config->n_groups; i++)
        if (config->groups[i].name)
            names[n++] = config->groups[i].name;
    const char *near = names ? text_closest(setting->text, names, n) : NULL;
    diagnose(file->reader->diagnostics, ERROR,
             (struct source_pos){.line = setting->line, .column = setting->column},
             near ? NULL : "with a groups: section every group must stand in it",
             "group: %s is not in groups:%s%s%s", quoted(setting->text).text,
             near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
}

static void read_nodes(struct config_file *file)
{
    struct pgcensus_config *config = file->config;
    tree_id list = find_section(file, "nodes");

    for (tree_id id = list ? tree_first(file->tree, list) : 0; id;
         id = tree_at(file->tree, id)->next) {
        size_t number = config->n_nodes;
        struct config_node *node = config_add_node(config);
        if (!node) {
            file->reader->diagnostics->no_memory = true;
            return;
        }
        node->line = tree_at(file->tree, id)->line;
        node->column = tree_at(file->tree, id)->column;
        node->layer.origin = "node";
        if (tree_at(file->tree, id)->bad)
            continue;
        read_mapping(file, id, file->schema->node,
                     file->raw ? &file->raw->nodes[number] : NULL, &node->layer);
        const struct config_setting *name = node_name(config, number);
        if (name)
            claim_name(file, &config->node_names, "node", name, number, node_name);
        const struct config_setting *group = layer_find(&node->layer, KEY_GROUP);
        if (!group || !config->has_groups)
            continue;
        if (name_table_find(&config->group_names, group->text, &number))
            node->group = &config->groups[number];
        else
            refuse_group_name(file, group);
    }
}

/* ---- secrets in the open ---- */

/* The first secret that is written out and no ${VARIABLE}; 0: none. */
static tree_id find_literal_secret(const struct tree *tree)
{
    for (tree_id id = 1; id < tree->n; id++) {
        const struct tree_node *node = &tree->nodes[id];
        if (!node->field || node->kind != TREE_SCALAR)
            continue;
        const char *key = tree_text(tree, id);
        tree_id value = tree_value(tree, id);
        if ((strcmp(key, "password") == 0 || strcmp(key, "sslpassword") == 0) &&
            tree->nodes[value].kind == TREE_SCALAR &&
            expand_has_literal(tree_text(tree, value)))
            return value;
    }
    return 0;
}

static void check_permissions(struct config_file *file)
{
    const struct input_file *bytes = &file->source->file;
    struct diagnostic_list *diagnostics = file->reader->diagnostics;
    tree_id secret;

    if (input_file_is_open_to_others(bytes) &&
        (secret = find_literal_secret(file->tree)) != 0)
        diagnose(diagnostics, ERROR, tree_pos(file->tree, secret),
                 "chmod 600 the file, or write ${VARIABLE} or password_file",
                 "a password in a file that others than its owner can read");
    if (bytes->mode & S_IWOTH)
        diagnose(diagnostics, PGCENSUS_SEVERITY_WARNING, (struct source_pos){.line = 0},
                 "chmod o-w", "everybody can write to this file");
}

/* ---- all of it ---- */

static bool check_bytes(const struct source *source,
                        struct diagnostic_list *diagnostics)
{
    size_t offset;
    if (!source_find_bad_byte(source, &offset))
        return true;
    struct source_pos at = {.line = 0};
    source_position(source, offset, &at.line, &at.column);
    const char *bytes = source->file.bytes;
    bool utf16 = offset == 0 && (memcmp(bytes, "\xff\xfe", 2) == 0 ||
                                 memcmp(bytes, "\xfe\xff", 2) == 0);
    diagnose(diagnostics, ERROR, at, utf16 ? "save it as UTF-8" : NULL,
             utf16           ? "this is UTF-16"
             : bytes[offset] ? "this is not UTF-8"
                             : "a NUL byte");
    return false;
}

void config_file_read(struct pgcensus_config *config, struct source *source,
                      struct value_reader *reader)
{
    AUTO(tree_fini) struct tree tree = {.texts = BUF_INIT};
    AUTO(bind_free) struct raw_file *raw = NULL;
    AUTO(schema_free) struct schema *schema = schema_new();
    struct config_file file = {.config = config,
                               .reader = reader,
                               .source = source,
                               .tree = &tree,
                               .schema = schema};

    if (!schema) {
        reader->diagnostics->no_memory = true;
        return;
    }
    if (!check_bytes(source, reader->diagnostics) ||
        !tree_read(&tree, source, reader->diagnostics))
        return;
    bool clean = lint_tree(&tree, schema, reader->diagnostics);
    check_permissions(&file);
    if (clean) {
        raw = bind_text(source, schema, reader->diagnostics);
        if (!raw)
            return;
    }
    file.raw = raw;
    tree_id version = find_section(&file, "version");
    if (version && strcmp(tree_text(&tree, version), "1") != 0)
        diagnose(reader->diagnostics, ERROR, tree_pos(&tree, version), NULL,
                 "version: this pgcensus reads version 1, not %s",
                 quoted(tree_text(&tree, version)).text);
    tree_id defaults = find_section(&file, "defaults");
    if (defaults)
        read_mapping(&file, defaults, schema->defaults, raw ? &raw->defaults : NULL,
                     &config->defaults);
    read_groups(&file);
    read_nodes(&file);
}

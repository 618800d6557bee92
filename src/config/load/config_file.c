/* From text to layers: tree, lint, libcyaml, and then value by value.
 *
 * The texts of a configuration that is going to be used are those that libcyaml bound.
 * If lint found errors, libcyaml would stop at the first; then the texts come from the
 * tree instead, nothing of which is ever used for anything but finding more errors: a
 * file is wrong in one run, not in one run per mistake.
 *
 * Reading walks the tree, which is sparse and knows the places, and looks the texts up
 * in what libcyaml bound, where the offset of a field tells its key. */
#include "config/load/config_file.h"

#include "base/memory.h"
#include "config/read/bind.h"
#include "config/read/expand.h"
#include "config/read/lint.h"

#define ERROR PGCENSUS_SEVERITY_ERROR

struct content {
    struct pgcensus_config *config;
    struct taker *taker;
    const struct source *source;
    const struct tree *tree;
    struct raw_file *raw; /* NULL: there are errors, texts come from the tree */
};

/* ---- one mapping ---- */

/* Moves the text out of what libcyaml bound, or copies the tree's. */
static char *take_text(struct content *content, char **bound, tree_id id)
{
    if (bound && *bound)
        return take_ptr(*bound);
    char *copy = strdup(tree_text(content->tree, id));
    content->taker->complaints->no_memory |= !copy;
    return copy;
}

static void read_labels(struct content *content, tree_id list, const struct raw *raw,
                        struct layer *layer)
{
    size_t i = 0;
    for (tree_id id = tree_first(content->tree, list); id;
         id = tree_at(content->tree, id)->next, i++) {
        if (tree_at(content->tree, id)->bad)
            continue;
        char **bound = raw && i < raw->n_labels ? &raw->labels[i] : NULL;
        char *text = take_text(content, bound, id);
        if (text)
            taker_take_label(content->taker, layer, text,
                             tree_place(content->tree, id));
    }
}

static void read_mapping(struct content *content, tree_id mapping,
                         const cyaml_schema_field_t *fields, struct raw *raw,
                         struct layer *layer)
{
    const struct tree *tree = content->tree;

    for (tree_id key = tree_first(tree, mapping); key; key = tree_next_key(tree, key)) {
        const cyaml_schema_field_t *field = lint_field(tree, key, fields);
        tree_id value = tree_value(tree, key);
        if (!field || tree_at(tree, value)->bad)
            continue;
        if (field->value.type == CYAML_MAPPING) {
            /* Offset 0, the same struct, unless it is a group's defaults. */
            void *inner = raw ? (char *)raw + field->data_offset : NULL;
            read_mapping(content, value, field->value.mapping.fields, inner, layer);
        } else if (field->value.type == CYAML_SEQUENCE) {
            read_labels(content, value, raw, layer);
        } else {
            enum key id = schema_key(field->data_offset);
            char *text = take_text(content, raw ? &raw->text[id] : NULL, value);
            if (text)
                taker_take(content->taker, layer, id, text, tree_place(tree, value));
        }
    }
}

/* ---- the sections ---- */

static const cyaml_schema_field_t *section_field(const char *name)
{
    const cyaml_schema_field_t *field = schema_file.mapping.fields;
    while (strcmp(field->key, name) != 0)
        field++;
    return field;
}

/* The value of a section that has the right kind; 0: there is none. */
static tree_id find_section(const struct content *content, const char *name)
{
    tree_id value = tree_find(content->tree, content->tree->root, name);
    return value && !tree_at(content->tree, value)->bad ? value : 0;
}

static void read_version(struct content *content)
{
    tree_id value = find_section(content, "version");
    if (value && strcmp(tree_text(content->tree, value), "1") != 0)
        complain(content->taker->complaints, ERROR, tree_place(content->tree, value),
                 NULL, "version: this pgcensus reads version 1, not %s",
                 quoted(tree_text(content->tree, value)).text);
}

static const struct item *group_name(const struct pgcensus_config *config,
                                     size_t number)
{
    return layer_find(&config->groups[number].layer, KEY_NAME);
}

static const struct item *node_name(const struct pgcensus_config *config, size_t number)
{
    return layer_find(&config->nodes[number].layer, KEY_NAME);
}

/* A name must be new; `owner` says whose it is already. */
static void claim_name(struct content *content, struct name_table *names,
                       const char *what, const struct item *item, size_t number,
                       const struct item *(*owner)(const struct pgcensus_config *,
                                                   size_t))
{
    struct complaints *complaints = content->taker->complaints;
    size_t known;

    if (name_table_find(names, item->text, &known)) {
        complain(complaints, ERROR,
                 (struct place){.line = item->line, .column = item->column}, NULL,
                 "duplicate %s %s (first given on line %u)", what,
                 quoted(item->text).text, owner(content->config, known)->line);
    } else if (name_table_reserve(names)) {
        name_table_put(names, item->text, number);
    } else {
        complaints->no_memory = true;
    }
}

static void read_groups(struct content *content)
{
    struct pgcensus_config *config = content->config;
    const cyaml_schema_value_t *schema = &section_field("groups")->value;
    tree_id list = find_section(content, "groups");

    config->has_groups = tree_find(content->tree, content->tree->root, "groups") != 0;
    if (!list)
        return;
    config->groups =
        memory_array(tree_at(content->tree, list)->size, sizeof *config->groups);
    content->taker->complaints->no_memory |= !config->groups;
    if (!config->groups)
        return;
    for (tree_id id = tree_first(content->tree, list); id;
         id = tree_at(content->tree, id)->next) {
        size_t number = config->n_groups++;
        struct group *group = &config->groups[number];
        group->layer.origin = "group";
        if (tree_at(content->tree, id)->bad)
            continue;
        struct raw *raw = content->raw ? &content->raw->groups[number].own : NULL;
        read_mapping(content, id, schema->sequence.entry->mapping.fields, raw,
                     &group->layer);
        const struct item *name = group_name(config, number);
        if (!name)
            continue;
        group->name = group->layer.name = name->text;
        claim_name(content, &config->group_names, "group", name, number, group_name);
    }
}

static void complain_unknown_group(struct content *content, const struct item *item)
{
    const struct pgcensus_config *config = content->config;
    AUTO(free) const char **names = memory_array(config->n_groups, sizeof *names);
    size_t n = 0;
    for (size_t i = 0; names && i < config->n_groups; i++)
        if (config->groups[i].name)
            names[n++] = config->groups[i].name;
    const char *near = names ? text_closest(item->text, names, n) : NULL;
    complain(content->taker->complaints, ERROR,
             (struct place){.line = item->line, .column = item->column},
             near ? NULL : "with a groups: section every group must stand in it",
             "group: %s is not in groups:%s%s%s", quoted(item->text).text,
             near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
}

static void find_group(struct content *content, struct node *node)
{
    struct pgcensus_config *config = content->config;
    const struct item *item = layer_find(&node->layer, KEY_GROUP);
    size_t number;

    if (!item || !config->has_groups)
        return;
    if (name_table_find(&config->group_names, item->text, &number))
        node->group = &config->groups[number];
    else
        complain_unknown_group(content, item);
}

static void read_nodes(struct content *content)
{
    struct pgcensus_config *config = content->config;
    tree_id list = find_section(content, "nodes");

    for (tree_id id = list ? tree_first(content->tree, list) : 0; id;
         id = tree_at(content->tree, id)->next) {
        size_t number = config->n_nodes;
        struct node *node = inventory_add_node(config);
        if (!node) {
            content->taker->complaints->no_memory = true;
            return;
        }
        node->line = tree_at(content->tree, id)->line;
        node->column = tree_at(content->tree, id)->column;
        node->layer.origin = "node";
        if (tree_at(content->tree, id)->bad)
            continue;
        read_mapping(content, id, schema_node_fields,
                     content->raw ? &content->raw->nodes[number] : NULL, &node->layer);
        const struct item *name = node_name(config, number);
        if (name)
            claim_name(content, &config->node_names, "node", name, number, node_name);
        find_group(content, node);
    }
}

/* ---- secrets in the open ---- */

/* The first value of a secret that stands there literally; 0: none. */
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

static void check_permissions(struct content *content)
{
    const struct file *file = &content->source->file;
    struct complaints *complaints = content->taker->complaints;
    tree_id secret;

    if (file_is_open_to_others(file) &&
        (secret = find_literal_secret(content->tree)) != 0)
        complain(complaints, ERROR, tree_place(content->tree, secret),
                 "chmod 600 the file, or write ${VARIABLE} or password_file",
                 "a password in a file that others than its owner can read");
    if (file->mode & S_IWOTH)
        complain(complaints, PGCENSUS_SEVERITY_WARNING, (struct place){.line = 0},
                 "chmod o-w", "everybody can write to this file");
}

/* ---- all of it ---- */

static bool check_bytes(const struct source *source, struct complaints *complaints)
{
    size_t offset;
    if (!source_find_bad_byte(source, &offset))
        return true;
    struct place at = {.line = 0};
    source_position(source, offset, &at.line, &at.column);
    const char *bytes = source->file.bytes;
    bool utf16 = offset == 0 && (memcmp(bytes, "\xff\xfe", 2) == 0 ||
                                 memcmp(bytes, "\xfe\xff", 2) == 0);
    complain(complaints, ERROR, at, utf16 ? "save it as UTF-8" : NULL,
             utf16           ? "this is UTF-16"
             : bytes[offset] ? "this is not UTF-8"
                             : "a NUL byte");
    return false;
}

void content_read(struct pgcensus_config *config, struct source *source,
                  struct taker *taker)
{
    AUTO(tree_fini) struct tree tree = {.texts = BUF_INIT};
    AUTO(bind_free) struct raw_file *raw = NULL;
    struct content content = {
        .config = config, .taker = taker, .source = source, .tree = &tree};

    if (!check_bytes(source, taker->complaints) ||
        !tree_read(&tree, source, taker->complaints))
        return;
    bool clean = lint_tree(&tree, taker->complaints);
    check_permissions(&content);
    if (clean) {
        raw = bind_text(source, taker->complaints);
        if (!raw)
            return;
    }
    content.raw = raw;
    read_version(&content);
    tree_id defaults = find_section(&content, "defaults");
    if (defaults)
        read_mapping(&content, defaults,
                     section_field("defaults")->value.mapping.fields,
                     raw ? &raw->defaults : NULL, &config->defaults);
    read_groups(&content);
    read_nodes(&content);
}

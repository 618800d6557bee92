/* Tree and schema, walked together.
 *
 * libcyaml stops at its first error and names the line of the value before it.  Its
 * schemas are public structs, so this walk reads the same tables and diagnoses every
 * error at its place.  It knows the types of libcyaml that our schema uses and asserts
 * that there are no others.
 *
 * What lint accepts, libcyaml accepts; if it ever does not, bind.c says that this is
 * our bug. */
#include "config/read/lint.h"

#include <assert.h>
#include <string.h>

#define ERROR PGCENSUS_SEVERITY_ERROR

enum {
    MOST_FIELDS = KEY_COUNT + 1 /* of one mapping, with labels */,
    LONGEST_NAME = 64
};

struct lint_walk {
    struct tree *tree;
    const struct schema *schema;
    struct diagnostic_list *diagnostics;
    bool clean;
};

static void lint_value(struct lint_walk *walk, tree_id id,
                       const cyaml_schema_value_t *schema, const char *name);

static void spoil(struct lint_walk *walk, tree_id id)
{
    walk->clean = false;
    tree_at(walk->tree, id)->bad = true;
}

/* ---- keys ---- */

static const cyaml_schema_field_t *find_field(const cyaml_schema_field_t *fields,
                                              const char *key)
{
    for (; fields->key; fields++)
        if (strcmp(fields->key, key) == 0)
            return fields;
    return NULL;
}

static const char *suggest(const cyaml_schema_field_t *fields, const char *key)
{
    const char *names[MOST_FIELDS], *synonym = key_synonym(key);
    size_t n = 0;
    if (synonym && find_field(fields, "connect_timeout")) /* of nodes or defaults */
        return synonym;
    for (; fields->key; fields++)
        names[n++] = fields->key;
    return text_closest(key, names, n);
}

/* A hint for a key that exists elsewhere; NULL: it does not. */
static const char *where_it_belongs(const struct schema *schema,
                                    const cyaml_schema_field_t *fields, const char *key)
{
    if (strcmp(key, "require") == 0)
        return "it belongs to a group";
    if (fields == schema->node || !find_field(schema->node, key))
        return NULL;
    if (strcmp(key, "name") == 0 || strcmp(key, "group") == 0)
        return "it belongs to a node";
    return fields == schema->file.mapping.fields
               ? "put it under \"defaults:\" or into a node"
               : NULL;
}

/* Whether the key may be the rest of a secret that stands before it: on the same line,
 * or on any line if the key has no value, as the rest of a broken line has none. */
static bool follows_secret(const struct tree *tree, tree_id id)
{
    const struct tree_node *before = &tree->nodes[id > 2 ? id - 2 : 0];
    bool near = tree->nodes[id - 1].line == tree->nodes[id].line;
    bool bare = tree->nodes[tree_value(tree, id)].size == 0;
    return before->kind == TREE_SCALAR && (near || bare) &&
           quote_is_secret_key(tree->texts.bytes + before->content, before->size);
}

/* Quotes only the first word of an unknown key, because a broken line makes a key of
 * what was meant to be a value; and not even that if it may be a secret and is like no
 * key of ours. */
static struct quoted quoted_key(const struct tree *tree, tree_id id, bool like_ours)
{
    static const char word[] = "abcdefghijklmnopqrstuvwxyz_"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    const char *key = tree_text(tree, id);
    size_t n = strspn(key, word);
    if (!like_ours && follows_secret(tree, id))
        n = 0;
    struct quoted quoted;
    snprintf(quoted.text, sizeof quoted.text, "\"%.*s%s\"", n < 48 ? (int)n : 48, key,
             key[n] ? "..." : "");
    return quoted;
}

static void refuse_unknown(struct lint_walk *walk, tree_id key_id,
                           const cyaml_schema_field_t *fields)
{
    const char *key = tree_text(walk->tree, key_id);
    struct source_pos at = tree_pos(walk->tree, key_id);
    const char *why = key_refused(key);

    spoil(walk, key_id);
    if (strcmp(key, "<<") == 0) {
        diagnose(walk->diagnostics, ERROR, at, NULL,
                 "merge keys (\"<<\") are not supported; put what nodes share under "
                 "\"defaults:\" or into a group");
        return;
    }
    if (why) {
        diagnose(walk->diagnostics, ERROR, at, NULL, "\"%s\" is no key of a node: %s",
                 key, why);
        return;
    }
    const char *hint = where_it_belongs(walk->schema, fields, key);
    const char *near = hint ? NULL : suggest(fields, key);
    diagnose(walk->diagnostics, ERROR, at, hint, "unknown key %s%s%s%s",
             quoted_key(walk->tree, key_id, near || hint).text,
             near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
}

/* False: the key is bad, so its value cannot be checked. */
static bool lint_key(struct lint_walk *walk, tree_id key_id,
                     const cyaml_schema_field_t *fields, tree_id seen[MOST_FIELDS])
{
    struct tree_node *node = tree_at(walk->tree, key_id);
    struct source_pos at = tree_pos(walk->tree, key_id);

    if (node->kind != TREE_SCALAR || node->tagged) {
        spoil(walk, key_id);
        diagnose(walk->diagnostics, ERROR, at, NULL, "a key must be a plain word");
        return false;
    }
    const char *key = tree_text(walk->tree, key_id);
    const cyaml_schema_field_t *field = find_field(fields, key);
    if (!field || strlen(key) != node->size) {
        refuse_unknown(walk, key_id, fields);
        return false;
    }
    size_t index = (size_t)(field - fields);
    assert(index < MOST_FIELDS);
    if (seen[index]) {
        spoil(walk, key_id);
        diagnose(walk->diagnostics, ERROR, at, NULL,
                 "duplicate key \"%s\" (first given on line %u)", key,
                 tree_at(walk->tree, seen[index])->line);
        return false;
    }
    seen[index] = key_id;
    node->field = (uint16_t)(index + 1);
    return true;
}

/* "check.query" for the key of a block, or else the key alone: sections and entries of
 * lists are no part of it.  room: for the name. */
static const char *name_field(const cyaml_schema_field_t *field, const char *parent,
                              char room[LONGEST_NAME])
{
    bool is_block = !strchr(parent, ' ') && strcmp(parent, "defaults") != 0;
    if (!is_block)
        return field->key;
    snprintf(room, LONGEST_NAME, "%s.%s", parent, field->key);
    return room;
}

static void lint_mapping(struct lint_walk *walk, tree_id id,
                         const cyaml_schema_field_t *fields, const char *name)
{
    tree_id seen[MOST_FIELDS] = {0};
    char room[LONGEST_NAME];

    for (tree_id key = tree_first(walk->tree, id); key;
         key = tree_next_key(walk->tree, key)) {
        if (!lint_key(walk, key, fields, seen))
            continue;
        const cyaml_schema_field_t *field = lint_field(walk->tree, key, fields);
        lint_value(walk, tree_value(walk->tree, key), &field->value,
                   name_field(field, name, room));
    }
    for (size_t i = 0; fields[i].key; i++)
        if (!(fields[i].value.flags & CYAML_FLAG_OPTIONAL) && !seen[i]) {
            walk->clean = false;
            diagnose(walk->diagnostics, ERROR, tree_pos(walk->tree, id), NULL,
                     "%s: missing key \"%s\"", name, fields[i].key);
        }
}

/* ---- values ---- */

static bool is_null(const struct tree *tree, tree_id id)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    if (!tree->nodes[id].plain)
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(nulls); i++)
        if (strcmp(tree_text(tree, id), nulls[i]) == 0)
            return true;
    return false;
}

static void lint_sequence(struct lint_walk *walk, tree_id id,
                          const cyaml_schema_value_t *schema, const char *name)
{
    const struct tree_node *node = tree_at(walk->tree, id);
    struct source_pos at = tree_pos(walk->tree, id);

    if (node->size < schema->sequence.min) {
        spoil(walk, id);
        diagnose(walk->diagnostics, ERROR, at, NULL, "%s: is empty", name);
    }
    if (node->size > schema->sequence.max) {
        spoil(walk, id);
        diagnose(walk->diagnostics, ERROR, at, NULL, "%s: more than %u entries", name,
                 schema->sequence.max);
        return;
    }
    char entry[64];
    snprintf(entry, sizeof entry, "an entry of %s", name);
    for (tree_id child = tree_first(walk->tree, id); child;
         child = tree_at(walk->tree, child)->next)
        lint_value(walk, child, schema->sequence.entry, entry);
}

/* The counterpart of a type of the schema in the tree, and its name in messages. */
struct wanted {
    enum cyaml_type type;
    enum tree_kind kind;
    const char *name, *hint;
};

static const struct wanted *find_wanted(enum cyaml_type type)
{
    static const struct wanted wanted[] = {
        {CYAML_STRING, TREE_SCALAR, "a single value", NULL},
        {CYAML_SEQUENCE, TREE_SEQUENCE, "a list", "each entry begins with \"- \""},
        {CYAML_MAPPING, TREE_MAPPING, "a mapping", "lines of \"key: value\""},
    };
    size_t i = 0;
    while (i + 1 < ARRAY_SIZE(wanted) && wanted[i].type != type)
        i++;
    assert(wanted[i].type == type);
    return &wanted[i];
}

/* The fault that a value of any kind can have; NULL: none. */
static const char *fault_of(const struct tree *tree, tree_id id)
{
    const struct tree_node *node = &tree->nodes[id];
    if (node->kind == TREE_ALIAS)
        return "YAML aliases are not supported; put what nodes share under "
               "\"defaults:\" or into a group";
    if (node->tagged)
        return "YAML tags are not supported";
    if (node->kind != TREE_SCALAR)
        return NULL;
    if (is_null(tree, id))
        return "has no value";
    if (node->size == 0)
        return "is empty";
    return strlen(tree_text(tree, id)) != node->size ? "holds a NUL character" : NULL;
}

static void lint_value(struct lint_walk *walk, tree_id id,
                       const cyaml_schema_value_t *schema, const char *name)
{
    struct source_pos at = tree_pos(walk->tree, id);
    const struct wanted *wanted = find_wanted(schema->type);
    const char *fault = fault_of(walk->tree, id);

    if (fault) {
        spoil(walk, id);
        diagnose(walk->diagnostics, ERROR, at, NULL, "%s: %s", name, fault);
        return;
    }
    if (tree_at(walk->tree, id)->kind != wanted->kind) {
        spoil(walk, id);
        diagnose(walk->diagnostics, ERROR, at, wanted->hint, "%s: must be %s", name,
                 wanted->name);
        return;
    }
    if (wanted->kind == TREE_MAPPING)
        lint_mapping(walk, id, schema->mapping.fields, name);
    else if (wanted->kind == TREE_SEQUENCE)
        lint_sequence(walk, id, schema, name);
}

bool lint_tree(struct tree *tree, const struct schema *schema,
               struct diagnostic_list *diagnostics)
{
    struct lint_walk walk = {
        .tree = tree, .schema = schema, .diagnostics = diagnostics, .clean = true};

    if (!tree->root || is_null(tree, tree->root)) {
        diagnose(diagnostics, ERROR, (struct source_pos){.line = 0},
                 "`pgcensus config example` prints one to begin with",
                 "the configuration is empty");
        return false;
    }
    lint_value(&walk, tree->root, &schema->file, "the configuration");
    return walk.clean;
}

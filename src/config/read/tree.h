/* A YAML text as a tree that knows where everything stands.
 *
 * 24 bytes a node, texts in one block, so that a large inventory costs little beside
 * libcyaml's own copy.  It is read with libyaml's events rather than its documents:
 * those cost ten times the memory, resolve aliases, and have no limit of depth. */
#ifndef CONFIG_READ_TREE_H
#define CONFIG_READ_TREE_H

#include "config/read/diagnostic_list.h"

#include <stdint.h>

enum tree_kind {
    TREE_NOTHING,
    TREE_SCALAR,
    TREE_MAPPING,
    TREE_SEQUENCE,
    TREE_ALIAS, /* *name: a leaf, never followed */
};

/* Nodes are numbers; 0 is "none". */
typedef uint32_t tree_id;

struct tree_node {
    uint32_t line, column; /* from 1 */
    uint32_t content;      /* scalars, aliases: offset into texts; else first child */
    uint32_t size;         /* bytes of the text, or number of children */
    tree_id next;          /* sibling; in mappings keys and values take turns */
    uint8_t kind;
    bool plain : 1;  /* a scalar without quotes */
    bool tagged : 1; /* has a !tag */
    bool bad : 1;    /* lint found an error: do not use it */
    uint16_t field;  /* of a key that lint knows: 1 + its index among the fields */
};

struct tree {
    struct tree_node *nodes;
    size_t n, cap;
    struct buf texts; /* NUL-terminated each */
    tree_id root;     /* 0: the file is empty */
};

/* Reads the text.  The first error of syntax is diagnosed and ends it: false.  Hides
 * the lines of secrets that stand apart from their keys. */
bool tree_read(struct tree *tree, struct source *source,
               struct diagnostic_list *diagnostics);
void tree_fini(struct tree *tree);
AUTO_DEFINE_VALUE(struct tree, tree_fini)

static inline struct tree_node *tree_at(const struct tree *tree, tree_id id)
{
    return &tree->nodes[id];
}

static inline const char *tree_text(const struct tree *tree, tree_id id)
{
    return tree->texts.bytes + tree->nodes[id].content;
}

static inline struct source_pos tree_pos(const struct tree *tree, tree_id id)
{
    return (struct source_pos){.line = tree->nodes[id].line,
                               .column = tree->nodes[id].column};
}

/* Key by key: for (key = tree_first(…); key; key = tree_next_key(…)). */
static inline tree_id tree_first(const struct tree *tree, tree_id id)
{
    return tree->nodes[id].content;
}

static inline tree_id tree_value(const struct tree *tree, tree_id key)
{
    return tree->nodes[key].next;
}

static inline tree_id tree_next_key(const struct tree *tree, tree_id key)
{
    return tree->nodes[tree_value(tree, key)].next;
}

/* The value of that key in a mapping; 0 if it has none. */
tree_id tree_find(const struct tree *tree, tree_id mapping, const char *key);

/* Diagnoses an error of libyaml, in plain words where we have some. */
struct yaml_parser_s;
void tree_explain(const struct yaml_parser_s *parser, const struct source *source,
                  struct diagnostic_list *diagnostics);

#endif

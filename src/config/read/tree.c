/* Events → tree.
 *
 * Reading stops at the first error of syntax, because we could only guess at what
 * follows it.  YAML that we do not support (aliases, tags, odd keys) goes into the
 * tree, so that lint diagnoses all of it at once.
 *
 * A frame is an open collection, and `last` its latest child, so adding a child is one
 * link.  Depth is capped before libyaml 0.2.5 becomes quadratic in it. */
#include "config/read/tree.h"

#include "base/memory.h"

#include <assert.h>
#include <string.h>
#include <yaml.h>

#define DEEPEST 64
#define TEXT_OF_(number) #number
#define TEXT_OF(number) TEXT_OF_(number)

enum {
    MOST_NODES = 1 << 22, /* far above 100,000 nodes with 15 keys each */
};

struct frame {
    tree_id collection, last;
    tree_id key; /* the collection is its value; 0: it is the value of no key */
};

struct yaml_builder {
    struct tree *tree;
    struct source *source;
    struct diagnostic_list *diagnostics;
    struct frame frames[DEEPEST + 1]; /* 0: the document */
    unsigned depth;
    unsigned documents;
};

static void fini_event(yaml_event_t *event)
{
    yaml_event_delete(event);
}
AUTO_DEFINE_VALUE(yaml_event_t, fini_event)

static void fini_parser(yaml_parser_t *parser)
{
    yaml_parser_delete(parser);
}
AUTO_DEFINE_VALUE(yaml_parser_t, fini_parser)

void tree_fini(struct tree *tree)
{
    explicit_bzero(tree->texts.bytes, tree->texts.len);
    buf_fini(&tree->texts);
    free(tree->nodes);
    tree->nodes = NULL;
    tree->n = tree->cap = 0;
    tree->root = 0;
}

static bool refuse_yaml(struct yaml_builder *builder, const yaml_mark_t *at,
                        const char *hint, const char *message)
{
    struct source_pos pos = {.line = (unsigned)at->line + 1,
                             .column = (unsigned)at->column + 1};
    diagnose(builder->diagnostics, PGCENSUS_SEVERITY_ERROR, pos, hint, "%s", message);
    return false;
}

static bool no_memory(struct yaml_builder *builder)
{
    builder->diagnostics->no_memory = true;
    return false;
}

/* Links a new node to the collection that is open; *ret_id is 0 only on failure. */
static bool add_tree_node(struct yaml_builder *builder, const yaml_event_t *event,
                          enum tree_kind kind, tree_id *ret_id)
{
    struct tree *tree = builder->tree;
    struct frame *frame = &builder->frames[builder->depth];

    if (tree->n >= MOST_NODES)
        return refuse_yaml(builder, &event->start_mark, NULL,
                           "more values than any configuration needs");
    if (!memory_grow(&tree->nodes, &tree->cap, tree->n, sizeof *tree->nodes))
        return no_memory(builder);

    tree_id id = (tree_id)tree->n++;
    tree->nodes[id] = (struct tree_node){
        .kind = (uint8_t)kind,
        .line = (uint32_t)event->start_mark.line + 1,
        .column = (uint32_t)event->start_mark.column + 1,
    };
    if (frame->last)
        tree->nodes[frame->last].next = id;
    else if (builder->depth > 0)
        tree->nodes[frame->collection].content = id;
    else
        tree->root = id;
    if (builder->depth > 0)
        tree->nodes[frame->collection].size++;
    frame->last = id;
    *ret_id = id;
    return true;
}

static bool add_tree_text(struct yaml_builder *builder, tree_id id,
                          const yaml_char_t *text, size_t n)
{
    struct tree *tree = builder->tree;
    tree->nodes[id].content = (uint32_t)tree->texts.len;
    tree->nodes[id].size = (uint32_t)n;
    buf_add(&tree->texts, text, n);
    buf_add_char(&tree->texts, '\0');
    return !tree->texts.broken || no_memory(builder);
}

/* Hides the lines of a secret that stands apart from its key; on the line of its key
 * quoting masks it. */
static bool hide_apart(struct yaml_builder *builder, tree_id key, unsigned first,
                       const yaml_mark_t *end)
{
    const struct tree *tree = builder->tree;
    unsigned last = (unsigned)end->line + 1;

    if (!key || tree->nodes[key].kind != TREE_SCALAR ||
        (first == last && tree->nodes[key].line == first) ||
        !quote_is_secret_key(tree_text(tree, key), tree->nodes[key].size))
        return true;
    return source_hide(builder->source, first, last) || no_memory(builder);
}

/* The key in the open mapping that waits for its value; 0: none does. */
static tree_id pending_key(const struct yaml_builder *builder)
{
    const struct frame *frame = &builder->frames[builder->depth];
    const struct tree_node *open = &builder->tree->nodes[frame->collection];
    bool waits =
        builder->depth > 0 && open->kind == TREE_MAPPING && open->size % 2 == 1;
    return waits ? frame->last : 0;
}

static bool add_scalar(struct yaml_builder *builder, const yaml_event_t *event)
{
    tree_id id, key = pending_key(builder);
    if (!add_tree_node(builder, event, TREE_SCALAR, &id) ||
        !add_tree_text(builder, id, event->data.scalar.value,
                       event->data.scalar.length))
        return false;
    struct tree_node *node = &builder->tree->nodes[id];
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->tagged = event->data.scalar.tag != NULL;
    return hide_apart(builder, key, node->line, &event->end_mark);
}

static bool open_collection(struct yaml_builder *builder, const yaml_event_t *event,
                            enum tree_kind kind, const yaml_char_t *tag)
{
    tree_id id, key = pending_key(builder);
    if (builder->depth == DEEPEST)
        return refuse_yaml(builder, &event->start_mark, NULL,
                           "nested deeper than " TEXT_OF(DEEPEST) " levels");
    if (!add_tree_node(builder, event, kind, &id))
        return false;
    builder->tree->nodes[id].tagged = tag != NULL;
    builder->frames[++builder->depth] = (struct frame){.collection = id, .key = key};
    return true;
}

static bool apply_event(struct yaml_builder *builder, const yaml_event_t *event)
{
    const yaml_char_t *text;
    struct frame closed;
    tree_id id;

    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (builder->documents++ > 0)
            return refuse_yaml(builder, &event->start_mark, NULL,
                               "a second document begins here; a configuration is one");
        return true;
    case YAML_SCALAR_EVENT:
        return add_scalar(builder, event);
    case YAML_ALIAS_EVENT:
        text = event->data.alias.anchor;
        return add_tree_node(builder, event, TREE_ALIAS, &id) &&
               add_tree_text(builder, id, text, strlen((const char *)text));
    case YAML_MAPPING_START_EVENT:
        return open_collection(builder, event, TREE_MAPPING,
                               event->data.mapping_start.tag);
    case YAML_SEQUENCE_START_EVENT:
        return open_collection(builder, event, TREE_SEQUENCE,
                               event->data.sequence_start.tag);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        closed = builder->frames[builder->depth--];
        return hide_apart(builder, closed.key,
                          builder->tree->nodes[closed.collection].line,
                          &event->end_mark);
    case YAML_DOCUMENT_END_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_NO_EVENT:
        return true;
    }
    return true;
}

/* The error may be inside a secret, or behind one that libyaml has not passed on yet:
 * hides all that follows. */
static void hide_rest(struct yaml_builder *builder)
{
    tree_id key = pending_key(builder);
    const struct tree *tree = builder->tree;
    if (key && tree->nodes[key].kind == TREE_SCALAR &&
        quote_is_secret_key(tree_text(tree, key), tree->nodes[key].size))
        source_hide(builder->source, tree->nodes[key].line, UINT32_MAX);
}

static bool read_events(struct yaml_builder *builder, yaml_parser_t *parser)
{
    for (bool more = true; more;) {
        AUTO(fini_event) yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            hide_rest(builder);
            if (parser->error == YAML_MEMORY_ERROR)
                return no_memory(builder);
            tree_explain(parser, builder->source, builder->diagnostics);
            return false;
        }
        more = event.type != YAML_STREAM_END_EVENT;
        if (!apply_event(builder, &event))
            return false;
    }
    return true;
}

bool tree_read(struct tree *tree, struct source *source,
               struct diagnostic_list *diagnostics)
{
    struct yaml_builder builder = {
        .tree = tree, .source = source, .diagnostics = diagnostics};
    const struct input_file *file = &source->file;

    /* Node 0 means none.  Texts may hold secrets, so they never move: no text is
     * longer than 1.5 times its source (\L is U+2028), and each has one NUL. */
    *tree = (struct tree){.texts = BUF_INIT, .n = 1};
    if (!memory_grow(&tree->nodes, &tree->cap, tree->n, sizeof *tree->nodes) ||
        !buf_reserve(&tree->texts, 2 * file->n + 16))
        return no_memory(&builder);

    AUTO(fini_parser) yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        memset(&parser, 0, sizeof parser);
        return no_memory(&builder);
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)file->bytes, file->n);
    return read_events(&builder, &parser);
}

tree_id tree_find(const struct tree *tree, tree_id mapping, const char *key)
{
    if (!mapping || tree->nodes[mapping].kind != TREE_MAPPING)
        return 0;
    for (tree_id at = tree_first(tree, mapping); at; at = tree_next_key(tree, at))
        if (tree->nodes[at].kind == TREE_SCALAR &&
            strcmp(tree_text(tree, at), key) == 0)
            return tree_value(tree, at);
    return 0;
}

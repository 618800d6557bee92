/* Events → tree.
 *
 * Reading stops at the first fault of the syntax: what follows it would only be
 * guesses.  What is YAML but not ours (aliases, tags, odd keys) goes into the tree, for
 * lint to complain about all of it at once.
 *
 * The invariant: a frame is an open collection, and `last` its latest child, so adding
 * a child is one link.  Depth is capped before libyaml 0.2.5 becomes quadratic in it.
 */
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
    tree_id key; /* whose value the collection is; 0: nobody's */
};

struct reader {
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

static bool refuse_yaml(struct reader *reader, const yaml_mark_t *at, const char *hint,
                        const char *message)
{
    struct source_pos place = {.line = (unsigned)at->line + 1,
                               .column = (unsigned)at->column + 1};
    diagnose(reader->diagnostics, PGCENSUS_SEVERITY_ERROR, place, hint, "%s", message);
    return false;
}

static bool no_memory(struct reader *reader)
{
    reader->diagnostics->no_memory = true;
    return false;
}

static bool in_mapping(const struct reader *reader)
{
    const struct frame *frame = &reader->frames[reader->depth];
    return reader->depth > 0 &&
           reader->tree->nodes[frame->collection].kind == TREE_MAPPING;
}

/* Links a new node to the collection that is open; *ret_id is 0 only on failure. */
static bool add_tree_node(struct reader *reader, const yaml_event_t *event,
                          enum tree_kind kind, tree_id *ret_id)
{
    struct tree *tree = reader->tree;
    struct frame *frame = &reader->frames[reader->depth];

    if (tree->n >= MOST_NODES)
        return refuse_yaml(reader, &event->start_mark, NULL,
                           "more values than any configuration needs");
    if (!memory_grow(&tree->nodes, &tree->cap, tree->n, sizeof *tree->nodes))
        return no_memory(reader);

    tree_id id = (tree_id)tree->n++;
    tree->nodes[id] = (struct tree_node){
        .kind = (uint8_t)kind,
        .line = (uint32_t)event->start_mark.line + 1,
        .column = (uint32_t)event->start_mark.column + 1,
    };
    if (frame->last)
        tree->nodes[frame->last].next = id;
    else if (reader->depth > 0)
        tree->nodes[frame->collection].content = id;
    else
        tree->root = id;
    if (reader->depth > 0)
        tree->nodes[frame->collection].size++;
    frame->last = id;
    *ret_id = id;
    return true;
}

static bool add_tree_text(struct reader *reader, tree_id id, const yaml_char_t *text,
                          size_t n)
{
    struct tree *tree = reader->tree;
    tree->nodes[id].content = (uint32_t)tree->texts.len;
    tree->nodes[id].size = (uint32_t)n;
    buf_add(&tree->texts, text, n);
    buf_add_char(&tree->texts, '\0');
    return !tree->texts.broken || no_memory(reader);
}

/* A secret on the line of its key is masked there; elsewhere its lines are hidden. */
static bool hide_apart(struct reader *reader, tree_id key, unsigned first,
                       const yaml_mark_t *end)
{
    const struct tree *tree = reader->tree;
    unsigned last = (unsigned)end->line + 1;

    if (!key || tree->nodes[key].kind != TREE_SCALAR ||
        (first == last && tree->nodes[key].line == first) ||
        !quote_is_secret_key(tree_text(tree, key), tree->nodes[key].size))
        return true;
    return source_hide(reader->source, first, last) || no_memory(reader);
}

/* The key whose value comes next in the open mapping; 0 if a key comes next. */
static tree_id pending_key(const struct reader *reader)
{
    const struct frame *frame = &reader->frames[reader->depth];
    bool odd =
        in_mapping(reader) && reader->tree->nodes[frame->collection].size % 2 == 1;
    return odd ? frame->last : 0;
}

static bool add_scalar(struct reader *reader, const yaml_event_t *event)
{
    tree_id id, key = pending_key(reader);
    if (!add_tree_node(reader, event, TREE_SCALAR, &id) ||
        !add_tree_text(reader, id, event->data.scalar.value, event->data.scalar.length))
        return false;
    struct tree_node *node = &reader->tree->nodes[id];
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->tagged = event->data.scalar.tag != NULL;
    return hide_apart(reader, key, node->line, &event->end_mark);
}

static bool add_alias(struct reader *reader, const yaml_event_t *event)
{
    tree_id id;
    const yaml_char_t *name = event->data.alias.anchor;
    return add_tree_node(reader, event, TREE_ALIAS, &id) &&
           add_tree_text(reader, id, name, strlen((const char *)name));
}

static bool open_collection(struct reader *reader, const yaml_event_t *event,
                            enum tree_kind kind, const yaml_char_t *tag)
{
    tree_id id, key = pending_key(reader);
    if (reader->depth == DEEPEST)
        return refuse_yaml(reader, &event->start_mark, NULL,
                           "nested deeper than " TEXT_OF(DEEPEST) " levels");
    if (!add_tree_node(reader, event, kind, &id))
        return false;
    reader->tree->nodes[id].tagged = tag != NULL;
    reader->frames[++reader->depth] = (struct frame){.collection = id, .key = key};
    return true;
}

static bool close_collection(struct reader *reader, const yaml_event_t *event)
{
    struct frame closed = reader->frames[reader->depth--];
    unsigned first = reader->tree->nodes[closed.collection].line;
    return hide_apart(reader, closed.key, first, &event->end_mark);
}

static bool take_event(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (reader->documents++ > 0)
            return refuse_yaml(reader, &event->start_mark, NULL,
                               "a second document begins here; a configuration is one");
        return true;
    case YAML_SCALAR_EVENT:
        return add_scalar(reader, event);
    case YAML_ALIAS_EVENT:
        return add_alias(reader, event);
    case YAML_MAPPING_START_EVENT:
        return open_collection(reader, event, TREE_MAPPING,
                               event->data.mapping_start.tag);
    case YAML_SEQUENCE_START_EVENT:
        return open_collection(reader, event, TREE_SEQUENCE,
                               event->data.sequence_start.tag);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        return close_collection(reader, event);
    case YAML_DOCUMENT_END_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_NO_EVENT:
        return true;
    }
    return true;
}

/* libyaml stumbled inside a secret, or behind one that it has not handed out yet. */
static void hide_rest(struct reader *reader)
{
    tree_id key = pending_key(reader);
    const struct tree *tree = reader->tree;
    if (key && tree->nodes[key].kind == TREE_SCALAR &&
        quote_is_secret_key(tree_text(tree, key), tree->nodes[key].size))
        source_hide(reader->source, tree->nodes[key].line, UINT32_MAX);
}

static bool read_events(struct reader *reader, yaml_parser_t *parser)
{
    for (bool more = true; more;) {
        AUTO(fini_event) yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            hide_rest(reader);
            if (parser->error == YAML_MEMORY_ERROR)
                return no_memory(reader);
            tree_explain(parser, reader->source, reader->diagnostics);
            return false;
        }
        more = event.type != YAML_STREAM_END_EVENT;
        if (!take_event(reader, &event))
            return false;
    }
    return true;
}

bool tree_read(struct tree *tree, struct source *source,
               struct diagnostic_list *diagnostics)
{
    struct reader reader = {.tree = tree, .source = source, .diagnostics = diagnostics};
    const struct input_file *file = &source->file;

    /* Node 0 means none.  Texts may hold secrets, so they never move: no text is
     * longer than 1.5 times its source (\L is U+2028), and each has one NUL. */
    *tree = (struct tree){.texts = BUF_INIT, .n = 1};
    if (!memory_grow(&tree->nodes, &tree->cap, tree->n, sizeof *tree->nodes) ||
        !buf_reserve(&tree->texts, 2 * file->n + 16))
        return no_memory(&reader);

    AUTO(fini_parser) yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        memset(&parser, 0, sizeof parser);
        return no_memory(&reader);
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)file->bytes, file->n);
    return read_events(&reader, &parser);
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

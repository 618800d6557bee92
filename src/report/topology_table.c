/* Rows of a tree, the tree itself drawn in their column of names.
 *
 * Sets of columns are chosen whole, by the width, as in `check`.  Expanded and
 * unaligned there is nothing to draw a tree with: whom a node follows has a column
 * there.
 *
 * Somebody who takes WAL and is no node stands in parentheses, and has no mark: nobody
 * has judged it. */
#include "report/topology.h"

#include "report/words.h"

#include <inttypes.h>

enum set {
    NARROW = 1, /* below 60 columns */
    MIDDLE = 2,
    WIDE = 4, /* from 100, and without a terminal: details beside the rows */
    DRAWN = NARROW | MIDDLE | WIDE,
    RECORD = 8,  /* expanded */
    FIELDS = 16, /* unaligned: for programs, so without shapes */
    FLAT = RECORD | FIELDS,
};

enum { MIDDLE_WIDTH = 60, WIDE_WIDTH = 100 };

enum trait { RIGHT = 1, FLEXIBLE = 2, TONED = 4, TREE = 8 };

struct table {
    const struct pgcensus_fleet *fleet;
    const struct look *look;
    enum set set;
};

/* ---- cells ---- */

static void add_mark(const struct table *table, const struct tree_line *line,
                     struct buf *text)
{
    const struct pgcensus_node_result *result = tree_line_result(line);
    if (result)
        buf_add_str(text, status_mark(result->status, table->look->unicode));
}

static void add_cluster(const struct table *table, const struct tree_line *line,
                        struct buf *text)
{
    if (line->cluster)
        buf_add_format(text, "%" PRIu64, line->cluster->system_identifier);
}

static bool is_last(const struct pgcensus_tree_node *node)
{
    const struct pgcensus_tree_node *upstream = node->upstream;
    return !node->next && upstream->n_strangers == 0 && upstream->n_hidden <= 0;
}

/* What stands in front of everybody below a node. */
static void add_trunk(const struct pgcensus_tree_node *node, bool unicode,
                      struct buf *text)
{
    if (!node->upstream)
        return;
    add_trunk(node->upstream, unicode, text);
    if (is_last(node))
        buf_add_str(text, "   ");
    else
        buf_add_str(text, unicode ? "│  " : "|  ");
}

/* Returns how long it is. */
static size_t add_branch(const struct table *table, const struct tree_line *line,
                         struct buf *text)
{
    bool unicode = table->look->unicode;
    size_t start = text->len;
    const struct pgcensus_tree_node *above =
        tree_line_result(line) ? line->node->upstream : line->node;
    if (!above)
        return 0;
    add_trunk(above, unicode, text);
    if (line->last)
        buf_add_str(text, unicode ? "└─ " : "`- ");
    else
        buf_add_str(text, unicode ? "├─ " : "|- ");
    return text->len - start;
}

static void add_name(const struct table *table, const struct tree_line *line,
                     struct buf *text)
{
    tree_line_add_name(line, table->fleet, text);
}

static void add_follows(const struct table *table, const struct tree_line *line,
                        struct buf *text)
{
    const struct pgcensus_tree_node *above =
        tree_line_result(line) && line->node ? line->node->upstream : line->node;
    if (above)
        buf_add_str(text,
                    pgcensus_fleet_node(table->fleet, above->result->index)->name);
}

static void add_role(const struct table *table, const struct tree_line *line,
                     struct buf *text)
{
    const struct pgcensus_node_result *result = tree_line_result(line);
    if (result && pgcensus_role_name(result->role))
        buf_add_str(text, pgcensus_role_name(result->role));
}

/* Of a stranger the server's word for it. */
static void add_state(const struct table *table, const struct tree_line *line,
                      struct buf *text)
{
    const struct pgcensus_node_result *result = tree_line_result(line);
    if (result)
        buf_add_str(text, pgcensus_status_name(result->status));
    else if (line->stranger && table->set != NARROW)
        buf_add_str(text, line->stranger->state);
}

static void add_timeline(const struct table *table, const struct tree_line *line,
                         struct buf *text)
{
    const struct pgcensus_node_result *result = tree_line_result(line);
    if (result && result->facts && result->facts->timeline)
        buf_add_format(text, "%" PRIu32, result->facts->timeline);
}

static void add_replay_lag(const struct table *table, const struct tree_line *line,
                           struct buf *text)
{
    if (tree_line_result(line))
        add_lag(text, tree_line_result(line));
}

static void add_where(const struct table *table, const struct tree_line *line,
                      struct buf *text)
{
    tree_line_add_where(line, table->fleet, text);
}

static void add_what_else(const struct table *table, const struct tree_line *line,
                          struct buf *text)
{
    tree_line_add_detail(line, table->fleet, text);
}

/* ---- columns ---- */

static const struct tree_column {
    const char *name;
    unsigned sets, traits;
    const char *absent; /* shown of a node if there is nothing to add */
    void (*add)(const struct table *table, const struct tree_line *line,
                struct buf *text);
} all_columns[] = {
    {"", DRAWN, TONED, "", add_mark},
    {"CLUSTER", FLAT, 0, "-", add_cluster},
    {"NODE", DRAWN, FLEXIBLE | TREE, "", add_name},
    {"NODE", FLAT, FLEXIBLE, "", add_name},
    {"UPSTREAM", FLAT, FLEXIBLE, "-", add_follows},
    {"ROLE", DRAWN | FLAT, 0, "?", add_role},
    {"STATE", DRAWN | FLAT, TONED, "", add_state},
    {"TL", MIDDLE | WIDE | FLAT, RIGHT, "-", add_timeline},
    {"LAG", DRAWN | FLAT, RIGHT, "-", add_replay_lag},
    {"ADDRESS", MIDDLE | WIDE | FLAT, FLEXIBLE, "-", add_where},
    {"DETAIL", WIDE | FLAT, FLEXIBLE, "", add_what_else},
};

enum { MOST_COLUMNS = ARRAY_SIZE(all_columns) };

static enum set choose_set(const struct look *look)
{
    if (look->unaligned)
        return FIELDS;
    if (look->expanded)
        return RECORD;
    if (look->width == 0 || look->width >= WIDE_WIDTH)
        return WIDE;
    return look->width >= MIDDLE_WIDTH ? MIDDLE : NARROW;
}

struct layout {
    size_t n;
    const struct tree_column *chosen[MOST_COLUMNS];
    struct column columns[MOST_COLUMNS];
};

static struct layout choose_columns(enum set set)
{
    struct layout layout = {0};
    for (size_t i = 0; i < MOST_COLUMNS; i++) {
        const struct tree_column *column = &all_columns[i];
        if (!(column->sets & set))
            continue;
        layout.chosen[layout.n] = column;
        layout.columns[layout.n++] = (struct column){
            .name = column->name,
            .align = column->traits & RIGHT ? ALIGN_RIGHT : ALIGN_LEFT,
            .flexible = column->traits & FLEXIBLE,
        };
    }
    return layout;
}

static void add_row(const struct table *table, const struct tree_line *line,
                    const struct layout *layout, struct writer *writer,
                    struct buf *text)
{
    const struct pgcensus_node_result *result = tree_line_result(line);
    const struct look *look = table->look;
    size_t ends[MOST_COLUMNS], hangs[MOST_COLUMNS] = {0};
    struct cell cells[MOST_COLUMNS];

    buf_clear(text);
    for (size_t i = 0; i < layout->n; i++) {
        if (layout->chosen[i]->traits & TREE)
            hangs[i] = add_branch(table, line, text);
        layout->chosen[i]->add(table, line, text);
        ends[i] = text->len;
    }
    for (size_t i = 0; i < layout->n; i++) {
        const struct tree_column *column = layout->chosen[i];
        size_t start = i ? ends[i - 1] : 0;
        cells[i] = (struct cell){.kind = CELL_TEXT,
                                 .text = text->bytes + start,
                                 .len = ends[i] - start,
                                 .hang = hangs[i]};
        if (cells[i].len == 0 && *column->absent && result)
            cells[i] = cell_text(look->null && *look->null ? NULL : column->absent);
        if (column->traits & TONED && result)
            cells[i].tone = status_tone(result->status);
    }
    writer_row(writer, cells);
}

enum tree_look topology_look(const struct look *look)
{
    switch (choose_set(look)) {
    case NARROW:
        return TREE_NARROW;
    case MIDDLE:
        return TREE_MIDDLE;
    case WIDE:
        return TREE_WIDE;
    case RECORD:
    case FIELDS:
    case DRAWN:
    case FLAT:
        break;
    }
    return TREE_FLAT;
}

void topology_table_print(const struct tree_line *lines, size_t n,
                          const struct pgcensus_fleet *fleet, const struct look *look,
                          struct buf *out)
{
    const struct table table = {fleet, look, choose_set(look)};
    const struct layout layout = choose_columns(table.set);
    AUTO(buf_fini) struct buf text = BUF_INIT;
    struct writer *writer =
        writer_begin(&writer_table, out, look, layout.columns, layout.n);
    for (size_t i = 0; i < n; i++)
        add_row(&table, &lines[i], &layout, writer, &text);
    writer_end(writer);
    out->broken |= text.broken;
}

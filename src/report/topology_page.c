/* The trees on a terminal: a table for each cluster under a heading, below them what is
 * in no tree, and what stands below every page of a round.
 *
 * Where there is no room for details beside the rows they stand below the table, as in
 * `check`.  Where no tree is drawn all nodes are one table. */
#include "report/topology_fields.h"

#include "base/memory.h"
#include "base/text.h"
#include "report/check_footer.h"
#include "report/words.h"

#include <inttypes.h>

struct tree_page {
    const struct topology_document *document;
    const struct pgcensus_fleet *fleet;
    const struct row_view *view;
    const struct look *look;
    bool is_narrow, has_details; /* of its tables */
    struct buf *out;
};

/* ---- lines of text ---- */

/* What has no column there. */
static void add_stranger(const struct tree_page *page, const struct tree_line *line,
                         struct buf *out)
{
    tree_line_add_where(line, page->fleet, out);
    buf_add_format(out, ", %s", line->stranger->state);
}

/* A mark, a name and what is said of it, as far as something is; with_state: of each.
 */
static void add_details(const struct tree_page *page, const struct tree_line *lines,
                        size_t n, bool with_state)
{
    static const struct column columns[] = {{.name = ""},
                                            {.name = "", .flexible = true},
                                            {.name = "", .flexible = true},
                                            {.name = "", .flexible = true}};
    struct look below = *page->look;
    AUTO(buf_fini) struct buf name = BUF_INIT;
    AUTO(buf_fini) struct buf detail = BUF_INIT;
    below.tuples_only = true;
    struct writer *writer =
        writer_begin(&writer_table, page->out, &below, columns, with_state ? 4 : 3);
    for (size_t i = 0; i < n; i++) {
        const struct pgcensus_node_result *result = tree_line_result(&lines[i]);
        struct cell cells[4] = {cell_text("")};
        buf_clear(&name);
        buf_clear(&detail);
        tree_line_add_name(&lines[i], page->fleet, &name);
        tree_line_add_detail(&lines[i], page->fleet, &detail);
        if (page->is_narrow && lines[i].stranger)
            add_stranger(page, &lines[i], &detail);
        if (detail.len == 0 && !with_state)
            continue;
        if (result)
            cells[0] = cell_text(status_mark(result->status, page->look->unicode));
        cells[1] = cell_text(name.bytes);
        if (with_state)
            cells[2] = cell_text(pgcensus_status_name(result->status));
        cells[with_state ? 3 : 2] = cell_text(detail.bytes);
        if (result)
            cells[0].tone = cells[2].tone = status_tone(result->status);
        if (!with_state)
            cells[2].tone = TONE_PLAIN;
        writer_row(writer, cells);
    }
    writer_end(writer);
    page->out->broken |= name.broken | detail.broken;
}

static void add_details_below(const struct tree_page *page,
                              const struct tree_line *lines, size_t n)
{
    AUTO(buf_fini) struct buf drawn = BUF_INIT;
    struct tree_page below = *page;
    below.out = &drawn;
    add_details(&below, lines, n, /* with_state= */ false);
    if (drawn.len > 0 && !page->look->tuples_only)
        buf_add_char(page->out, '\n');
    buf_add(page->out, drawn.bytes, drawn.len);
    page->out->broken |= drawn.broken;
}

/* Over as many lines as it takes. */
static void add_page_heading(const struct tree_page *page, const char *words)
{
    static const struct column column = {.name = "", .flexible = true};
    struct look look = *page->look;
    if (look.tuples_only)
        return;
    look.tuples_only = true;
    if (page->out->len > 0)
        buf_add_char(page->out, '\n');
    const struct cell cell = cell_text(words);
    struct writer *writer = writer_begin(&writer_table, page->out, &look, &column, 1);
    writer_row(writer, &cell);
    writer_end(writer);
}

/* "orders: cluster 7301234567890123456" */
static void add_heading_of(const struct tree_page *page,
                           const struct pgcensus_cluster *cluster)
{
    AUTO(buf_fini) struct buf words = BUF_INIT;
    size_t n;
    AUTO(free) const char **names = topology_groups(page->document, cluster, &n);
    words.broken |= !names;
    if (names && n > 0) {
        text_add_folded(&words, names, n);
        buf_add_str(&words, ": ");
    }
    buf_add_format(&words, "cluster %" PRIu64, cluster->system_identifier);
    add_page_heading(page, words.bytes);
    page->out->broken |= words.broken;
}

/* ---- the page ---- */

static size_t end_of_cluster(const struct tree_line *lines, size_t n, size_t begin)
{
    size_t end = begin;
    while (end < n && lines[end].cluster == lines[begin].cluster)
        end++;
    return end;
}

static void add_trees(const struct tree_page *page, const struct tree_line *lines,
                      size_t n)
{
    for (size_t begin = 0, end; begin < n; begin = end) {
        end = end_of_cluster(lines, n, begin);
        if (!lines[begin].cluster) {
            add_page_heading(page, "not placed");
            if (page->view->columns) {
                topology_table_print(&lines[begin], end - begin, page->fleet,
                                     page->view, page->out);
                continue;
            }
            add_details(page, &lines[begin], end - begin, /* with_state= */ true);
            continue;
        }
        add_heading_of(page, lines[begin].cluster);
        topology_table_print(&lines[begin], end - begin, page->fleet, page->view,
                             page->out);
        if (!page->has_details && !page->view->columns)
            add_details_below(page, &lines[begin], end - begin);
    }
}

void topology_page_write(const struct topology_document *document,
                         const struct row_view *view, struct buf *out)
{
    const struct look *look = &view->look;
    AUTO(buf_fini) struct buf drawn = BUF_INIT;
    size_t n;
    AUTO(free) struct tree_line *lines = tree_lines_new(document->topology, &n);
    const struct field_choice choice = field_choose(&tree_fields, view);
    const struct tree_page page = {
        .document = document,
        .fleet = document->check->fleet,
        .view = view,
        .look = look,
        .is_narrow = !field_chosen(&choice, "where"),
        .has_details = field_chosen(&choice, "message"),
        .out = &drawn,
    };
    if (!lines) {
        out->broken = true;
        return;
    }
    if (!topology_is_drawn(view))
        topology_table_print(lines, n, page.fleet, view, &drawn);
    else
        add_trees(&page, lines, n);
    check_add_footer(document->check, look, EXTRA_NONE, &drawn);
    buf_add(out, drawn.bytes, drawn.len);
    out->broken |= drawn.broken;
}

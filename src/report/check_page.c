/* `check` on a terminal: which nodes are shown, and what stands below them.
 *
 * The whole table is drawn first; only if it turns out to be higher than the terminal
 * are the problems drawn alone, with everything else folded into one line of names, so
 * that every node is still in the report exactly once.  Very small terminals get the
 * verdict line, which then names the nodes. */
#include "base/memory.h"
#include "base/text.h"
#include "report/check.h"
#include "report/check_footer.h"
#include "report/check_table.h"
#include "report/gather.h"
#include "report/words.h"

#include <string.h>

enum {
    SMALLEST_WIDTH = 40,
    SMALLEST_HEIGHT = 8,
    MOST_PROBLEMS = 50,
};

struct check_page {
    const struct check_document *document;
    const struct check_view *view;
    struct buf *out;
};

/* All that fits on a very small terminal. */
static void add_small(const struct check_page *page)
{
    check_add_group_lines(page->document, &page->view->rows.look, page->out);
    check_add_verdict(page->document, &page->view->rows.look, EXTRA_NAMES, page->out);
}

/* ---- rows of single nodes ---- */

/* NULL: no memory.  Freed by the caller. */
static struct check_line *list_lines(const struct check_document *document,
                                     bool problems_only, bool more, size_t *ret_n)
{
    struct check_line *lines = memory_array(document->n_results, sizeof *lines);
    size_t n = 0;
    for (size_t i = 0; lines && i < document->n_results; i++) {
        const struct pgcensus_node_result *result = document->results[i];
        if (problems_only && !status_is_problem(result->status))
            continue;
        lines[n++] = (struct check_line){
            .identity = pgcensus_fleet_node(document->fleet, result->index),
            .result = result,
            .fleet = document->fleet,
            .more = more,
        };
    }
    *ret_n = n;
    return lines;
}

void check_rows_write(const struct check_document *document,
                      const struct check_view *view, struct buf *out)
{
    size_t n;
    AUTO(free) struct check_line *lines = list_lines(document, false, false, &n);
    if (lines)
        field_write_rows(&(struct field_rows){&check_fields, lines, sizeof *lines, n},
                         &view->rows, out);
    out->broken |= !lines;
}

static size_t count_problems(const struct check_document *document)
{
    size_t n = 0;
    for (size_t i = 0; i < document->n_results; i++)
        n += status_is_problem(document->results[i]->status);
    return n;
}

static void add_table(const struct check_page *page, bool problems_only)
{
    const struct check_document *document = page->document;
    bool more = page->view->verbose || count_problems(document) == 1;
    size_t n;
    AUTO(free)
    struct check_line *lines = list_lines(document, problems_only, more, &n);
    if (!lines) {
        page->out->broken = true;
        return;
    }
    check_table_print(lines, n, &page->view->rows, page->out);
    check_add_footer(page->document, &page->view->rows.look, EXTRA_NONE, page->out);
}

/* ---- more nodes than rows ---- */

struct line_texts {
    char *name, *detail;
};

static bool describe_many(const struct check_page *page, const struct gathered *problem,
                          struct check_line *line, struct line_texts *texts)
{
    AUTO(buf_fini) struct buf detail = BUF_INIT;
    buf_add_format(&detail, "%s: ", problem->detail);
    gathered_add_names(problem, page->document->fleet, &detail);
    texts->detail = buf_take(&detail);
    texts->name = memory_format("%zu nodes", problem->n);
    line->name = texts->name;
    line->detail = texts->detail;
    return texts->name && texts->detail;
}

static void add_problem_table(const struct check_page *page,
                              const struct gathering *gathering)
{
    struct check_line lines[MOST_PROBLEMS] = {0};
    struct line_texts texts[MOST_PROBLEMS] = {0};
    size_t n = gathering->n < MOST_PROBLEMS ? gathering->n : MOST_PROBLEMS;

    for (size_t i = 0; i < n; i++) {
        const struct gathered *problem = &gathering->items[i];
        lines[i].result = problem->members[0];
        lines[i].fleet = page->document->fleet;
        lines[i].more = page->view->verbose || gathering->n == 1;
        if (problem->n == 1)
            lines[i].identity =
                pgcensus_fleet_node(page->document->fleet, lines[i].result->index);
        else
            page->out->broken |= !describe_many(page, problem, &lines[i], &texts[i]);
    }
    if (n > 0 && !page->out->broken)
        check_table_print(lines, n, &page->view->rows, page->out);
    for (size_t i = 0; i < n; i++) {
        free(texts[i].name);
        free(texts[i].detail);
    }
}

/* "  ok (995): pg-[0001-0216,…", over as many lines as it takes. */
static void add_folded(const struct check_page *page, const char *what, size_t count,
                       const struct buf *names)
{
    size_t width = page->view->rows.look.width, indent = 2;
    AUTO(buf_fini) struct buf text = BUF_INIT;

    if (count == 0)
        return;
    buf_add_format(&text, "%s (%zu): %s", what, count, names->bytes);
    for (size_t done = 0, next; done < text.len; done += next) {
        size_t room = width > indent ? width - indent : 0;
        size_t len = text_break(text.bytes + done, text.len - done, room, &next);
        buf_add_repeat(page->out, ' ', indent);
        buf_add(page->out, text.bytes + done, len);
        buf_add_char(page->out, '\n');
        indent = 4;
    }
    page->out->broken |= text.broken | names->broken;
}

/* The problems that did not get a line; returns how many nodes have one. */
static size_t add_leftover_names(const struct check_page *page,
                                 const struct gathering *gathering, struct buf *out)
{
    const struct check_document *document = page->document;
    AUTO(free) const char **names = memory_array(document->n_results, sizeof *names);
    size_t n = 0;

    if (!names) {
        out->broken = true;
        return 0;
    }
    for (size_t i = MOST_PROBLEMS; i < gathering->n; i++) {
        const struct gathered *problem = &gathering->items[i];
        for (size_t j = 0; j < problem->n; j++)
            names[n++] =
                pgcensus_fleet_node(document->fleet, problem->members[j]->index)->name;
    }
    text_add_folded(out, names, n);
    return n;
}

/* What has no line of its own. */
static void add_rest(const struct check_page *page, const struct gathering *gathering)
{
    static const enum pgcensus_status quiet[] = {PGCENSUS_OK, PGCENSUS_DISABLED};
    AUTO(buf_fini) struct buf rest = BUF_INIT;
    AUTO(buf_fini) struct buf names = BUF_INIT;
    const struct check_page below = {page->document, page->view, &rest};

    size_t leftover = add_leftover_names(page, gathering, &names);
    add_folded(&below, "more problems", leftover, &names);
    for (size_t i = 0; i < ARRAY_SIZE(quiet) && !page->view->problems_only; i++) {
        buf_clear(&names);
        check_add_names(page->document, quiet[i], &names);
        add_folded(&below, pgcensus_status_name(quiet[i]),
                   check_count(&page->document->summary, quiet[i]), &names);
    }
    if (page->out->len > 0 && rest.len > 0)
        buf_add_char(page->out, '\n');
    buf_add(page->out, rest.bytes, rest.len);
    page->out->broken |= rest.broken;
}

static void add_problems(const struct check_page *page)
{
    const struct check_document *document = page->document;
    AUTO(gathering_fini) struct gathering gathering = {0};
    if (!gather_problems(document->fleet, document->results, document->n_results,
                         /* same_statement= */ false, &gathering)) {
        page->out->broken = true;
        return;
    }
    add_problem_table(page, &gathering);
    add_rest(page, &gathering);
    check_add_footer(page->document, &page->view->rows.look, EXTRA_SPREAD, page->out);
    if (!page->view->problems_only)
        buf_add_str(page->out, "Showing problems only; use --all for every node.\n");
}

/* ---- which of them ---- */

static size_t count_newlines(const struct buf *text)
{
    size_t n = 0;
    for (const char *at = text->bytes; (at = strchr(at, '\n')); at++)
        n++;
    return n;
}

void check_page_write(const struct check_document *document,
                      const struct check_view *view, struct buf *out)
{
    AUTO(buf_fini) struct buf drawn = BUF_INIT;
    struct check_page page = {document, view, &drawn};
    const struct look *look = &view->rows.look;
    bool for_people = !look->unaligned && !look->tuples_only;
    bool may_fold = view->height > 0 && !view->all && for_people;

    if (view->problems_only && document->exit_code == 0)
        return;
    add_table(&page, view->problems_only);
    bool too_high = count_newlines(&drawn) >= view->height; /* the prompt needs a row */
    bool too_narrow = look->width > 0 && look->width < SMALLEST_WIDTH;
    if (may_fold && (too_high || too_narrow)) {
        buf_clear(&drawn);
        if (too_narrow || view->height < SMALLEST_HEIGHT)
            add_small(&page);
        else
            add_problems(&page);
    }
    buf_add(out, drawn.bytes, drawn.len);
    out->broken |= drawn.broken;
}

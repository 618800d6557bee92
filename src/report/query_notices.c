/* What the servers said while they answered, for stderr: a line for each text, with all
 * nodes that said it.
 *
 * A WARNING is what makes a success one that is none: "skipping it", and then VACUUM.
 * So it is said even to those who asked for quiet, and no flood of NOTICEs, of other
 * nodes or of other texts keeps it from being at least counted. */
#include "base/memory.h"
#include "base/text.h"
#include "report/query.h"

#include <string.h>

/* Distinct texts that are shown without -v. */
enum { MOST_LINES = 50 };

struct remark {
    const struct pgcensus_notice *notice;
    size_t node;  /* into the document's results */
    size_t place; /* among all, which is their order */
};

/* Neighbours in the list that say the same. */
struct chorus {
    const struct remark *remarks; /* in order of their nodes */
    size_t n;
};

struct chorus_list {
    struct remark *remarks;
    struct chorus *items;
    size_t n;
};

static void chorus_list_fini(struct chorus_list *list)
{
    free(list->remarks);
    free(list->items);
}
AUTO_DEFINE_VALUE(struct chorus_list, chorus_list_fini)

static int compare_texts(const struct remark *a, const struct remark *b)
{
    int order = strcmp(a->notice->severity, b->notice->severity);
    return order ? order : strcmp(a->notice->message, b->notice->message);
}

static int by_text(const void *left, const void *right)
{
    const struct remark *a = left, *b = right;
    int order = compare_texts(a, b);
    return order ? order : (a->place > b->place) - (a->place < b->place);
}

static int by_place(const void *left, const void *right)
{
    const struct chorus *a = left, *b = right;
    return (a->remarks->place > b->remarks->place) -
           (a->remarks->place < b->remarks->place);
}

static size_t count_all(const struct query_document *document)
{
    size_t n = 0;
    for (size_t i = 0; i < document->n; i++)
        n += document->results[i]->notices.n;
    return n;
}

static size_t collect_notices(const struct query_document *document, bool quiet_ones,
                              struct remark *remarks)
{
    size_t n = 0;
    for (size_t i = 0; i < document->n; i++) {
        const struct pgcensus_notices *notices = &document->results[i]->notices;
        for (size_t j = 0; j < notices->n; j++)
            if (quiet_ones || pgcensus_notice_warns(&notices->items[j])) {
                remarks[n] = (struct remark){&notices->items[j], i, n};
                n++;
            }
    }
    return n;
}

/* False: no memory. */
static bool gather(const struct query_document *document, bool quiet_ones,
                   struct chorus_list *ret_list)
{
    size_t most = count_all(document);
    ret_list->remarks = memory_array(most, sizeof *ret_list->remarks);
    ret_list->items = memory_array(most, sizeof *ret_list->items);
    if (!ret_list->remarks || !ret_list->items)
        return false;
    struct remark *remarks = ret_list->remarks;
    size_t n = collect_notices(document, quiet_ones, remarks);
    qsort(remarks, n, sizeof *remarks, by_text);
    for (size_t start = 0, end; start < n; start = end) {
        for (end = start + 1; end < n; end++)
            if (compare_texts(&remarks[start], &remarks[end]) != 0)
                break;
        ret_list->items[ret_list->n++] = (struct chorus){remarks + start, end - start};
    }
    qsort(ret_list->items, ret_list->n, sizeof *ret_list->items, by_place);
    return true;
}

/* ---- lines ---- */

static const char *node_name_of(const struct query_document *document, size_t node)
{
    return pgcensus_fleet_node(document->fleet, document->results[node]->index)->name;
}

/* "pgcensus: 3 nodes: TEXT: pg-[1-3]" or "pgcensus: pg-1: TEXT" */
static void add_notice_line(const char *const *names, size_t n, const char *text,
                            struct buf *out)
{
    buf_add_str(out, "pgcensus: ");
    if (n > 1)
        buf_add_format(out, "%zu nodes: %s: ", n, text);
    text_add_folded(out, names, n);
    if (n == 1)
        buf_add_format(out, ": %s", text);
    buf_add_char(out, '\n');
}

static void add_chorus(const struct query_document *document,
                       const struct chorus *chorus, struct buf *out)
{
    const struct pgcensus_notice *notice = chorus->remarks->notice;
    AUTO(free) const char **names = memory_array(chorus->n, sizeof *names);
    AUTO(buf_fini) struct buf text = BUF_INIT;
    size_t n = 0;
    for (size_t i = 0; names && i < chorus->n; i++)
        if (i == 0 || chorus->remarks[i].node != chorus->remarks[i - 1].node)
            names[n++] = node_name_of(document, chorus->remarks[i].node);
    buf_add_format(&text, "%s: %s", notice->severity, notice->message);
    if (n == 1 && chorus->n > 1)
        buf_add_format(&text, " (%zu times)", chorus->n);
    if (names && !text.broken)
        add_notice_line(names, n, text.bytes, out);
    out->broken |= !names || text.broken;
}

/* What is counted only, by the nodes and by us: more: texts that got no line. */
static void add_omitted(const struct query_document *document, bool warnings,
                        size_t more, struct buf *out)
{
    AUTO(free) const char **names = memory_array(document->n, sizeof *names);
    AUTO(buf_fini) struct buf text = BUF_INIT;
    const char *what = warnings ? "WARNING" : "NOTICE";
    size_t total = 0, n = 0;
    for (size_t i = 0; names && i < document->n; i++) {
        const struct pgcensus_notices *notices = &document->results[i]->notices;
        size_t omitted = warnings ? notices->omitted_warnings : notices->omitted_others;
        total += omitted;
        if (omitted > 0)
            names[n++] = node_name_of(document, i);
    }
    buf_add_format(&text, "%s: %zu more, which were not kept", what, total);
    if (n > 0 && !text.broken)
        add_notice_line(names, n, text.bytes, out);
    if (more > 0)
        buf_add_format(out, "pgcensus: %s: %zu other texts; -v shows them\n", what,
                       more);
    out->broken |= !names || text.broken;
}

void report_query_said(const struct query_document *document, bool verbose,
                       struct buf *out)
{
    AUTO(chorus_list_fini) struct chorus_list list = {0};
    if (!gather(document, verbose, &list)) {
        out->broken = true;
        return;
    }
    size_t most = verbose || list.n <= MOST_LINES ? list.n : MOST_LINES;
    for (size_t i = 0; i < most; i++)
        add_chorus(document, &list.items[i], out);
    add_omitted(document, /* warnings= */ true, list.n - most, out);
    if (verbose)
        add_omitted(document, /* warnings= */ false, 0, out);
}

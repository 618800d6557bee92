/* What stands below a page about a round: what is wrong with groups, and the verdict
 * line.
 *
 * Nothing in here depends on what the page shows above it, so a page that leaves nodes
 * out still counts them all. */
#include "report/check_footer.h"

#include "base/memory.h"
#include "base/text.h"
#include "report/words.h"

static const enum pgcensus_status in_order[] = {
    PGCENSUS_OK, PGCENSUS_WARN, PGCENSUS_DOWN, PGCENSUS_UNKNOWN, PGCENSUS_DISABLED};

void check_add_names(const struct check_document *document, enum pgcensus_status status,
                     struct buf *out)
{
    AUTO(free) const char **names = memory_array(document->n_results, sizeof *names);
    size_t n = 0;

    if (!names) {
        out->broken = true;
        return;
    }
    for (size_t i = 0; i < document->n_results; i++)
        if (document->results[i]->status == status)
            names[n++] =
                pgcensus_fleet_node(document->fleet, document->results[i]->index)->name;
    text_add_folded(out, names, n);
}

/* ---- the verdict line ---- */

static int compare_lengths(const void *a, const void *b)
{
    nsec left = *(const nsec *)a, right = *(const nsec *)b;
    return (left > right) - (left < right);
}

/* "p50 2.20 ms, p95 14.0 ms, max 212 ms" of those that answered, if any did. */
static void add_spread(const struct check_document *document, struct buf *out)
{
    AUTO(free) nsec *lengths = memory_array(document->n_results, sizeof *lengths);
    size_t n = 0;

    if (!lengths) {
        out->broken = true;
        return;
    }
    for (size_t i = 0; i < document->n_results; i++) {
        const struct pgcensus_node_result *result = document->results[i];
        if (result->attempted && !result->failed && result->latency.total >= 0)
            lengths[n++] = result->latency.total;
    }
    if (n == 0)
        return;
    qsort(lengths, n, sizeof *lengths, compare_lengths);
    buf_add_str(out, "p50 ");
    add_length(out, lengths[(n - 1) * 50 / 100]);
    buf_add_str(out, ", p95 ");
    add_length(out, lengths[(n - 1) * 95 / 100]);
    buf_add_str(out, ", max ");
    add_length(out, lengths[n - 1]);
}

/* "5 nodes: 3 ok, 1 warn, 1 down" */
static void add_counts(const struct check_document *document, bool with_names,
                       struct buf *out)
{
    const struct check_summary *summary = &document->summary;
    const char *separator = ": ";

    buf_add_format(out, "%u node%s", summary->nodes, summary->nodes == 1 ? "" : "s");
    for (size_t i = 0; i < ARRAY_SIZE(in_order); i++) {
        unsigned count = check_count(summary, in_order[i]);
        if (count == 0)
            continue;
        buf_add_format(out, "%s%u %s", separator, count,
                       pgcensus_status_name(in_order[i]));
        separator = ", ";
        if (with_names && status_is_problem(in_order[i])) {
            buf_add_str(out, " (");
            check_add_names(document, in_order[i], out);
            buf_add_char(out, ')');
        }
    }
}

void check_add_verdict(const struct check_document *document, const struct look *look,
                       enum verdict_extra extra, struct buf *out)
{
    AUTO(buf_fini) struct buf line = BUF_INIT;
    AUTO(buf_fini) struct buf spread = BUF_INIT;

    add_counts(document, extra == EXTRA_NAMES, &line);
    if (extra == EXTRA_SPREAD)
        add_spread(document, &spread);
    size_t room = look->width, rest = sizeof "    (999 s)";
    bool beside = room == 0 || line.len + spread.len + rest <= room;
    if (spread.len > 0 && beside)
        buf_add_format(&line, "  %s", spread.bytes);
    buf_add_str(&line, "  (");
    add_seconds(&line, document->elapsed);
    buf_add_str(&line, ")\n");
    if (spread.len > 0 && !beside)
        buf_add_format(&line, "%s\n", spread.bytes);
    buf_add(out, line.bytes, line.len);
    out->broken |= line.broken | spread.broken;
}

void check_add_group_lines(const struct check_document *document,
                           const struct look *look, struct buf *out)
{
    const struct pgcensus_verdict *verdict = document->verdict;
    bool unicode = look->unicode, separated = out->len == 0;
    for (size_t i = 0; verdict && i < verdict->n_groups; i++) {
        const struct pgcensus_group_verdict *group = &verdict->groups[i];
        if (!status_is_problem(group->status))
            continue;
        for (size_t j = 0; j < group->n_reasons; j++) {
            if (!separated)
                buf_add_char(out, '\n');
            separated = true;
            buf_add_format(out, "%s ", status_mark(group->status, unicode));
            text_add_safe_str(out, group->group ? group->group : "no group");
            buf_add_str(out, "  ");
            text_add_safe_str(out, group->reasons[j].message);
            buf_add_char(out, '\n');
        }
    }
}

void check_add_footer(const struct check_document *document, const struct look *look,
                      enum verdict_extra extra, struct buf *out)
{
    if (look->tuples_only)
        return;
    check_add_group_lines(document, look, out);
    if (!look->unaligned && out->len > 0)
        buf_add_char(out, '\n');
    check_add_verdict(document, look, extra, out);
}

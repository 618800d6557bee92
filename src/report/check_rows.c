#include "base/clock.h"
#include "base/quantity.h"
#include "report/check.h"
#include "report/words.h"

static const struct column columns[] = {
    {.name = "node"},
    {.name = "group"},
    {.name = "host"},
    {.name = "port", .align = ALIGN_RIGHT},
    {.name = "status"},
    {.name = "role"},
    {.name = "latency_ms", .align = ALIGN_RIGHT},
    {.name = "error_class"},
    {.name = "message"},
};

static const char *or_null(const struct buf *text)
{
    return text->len ? text->bytes : NULL;
}

static void add_row(struct writer *writer, const struct pgcensus_identity *identity,
                    const struct pgcensus_node_result *result, struct buf *out)
{
    AUTO(buf_fini) struct buf detail = BUF_INIT;
    AUTO(buf_fini) struct buf latency = BUF_INIT;
    char port[8];

    snprintf(port, sizeof port, "%u", identity->port);
    add_detail_and_remarks(&detail, identity, result, true);
    if (result->attempted && !result->failed && result->latency.total >= 0)
        quantity_format_number((double)result->latency.total / NSEC_PER_MSEC, 3,
                               &latency);

    const char *code =
        result->failed ? pgcensus_class_name(result->failure.error_class) : NULL;
    const struct cell cells[] = {
        cell_text(identity->name),
        cell_text(identity->group),
        cell_text(identity->host),
        cell_number(port),
        cell_text(pgcensus_status_name(result->status)),
        cell_text(pgcensus_role_name(result->role)),
        cell_number(or_null(&latency)),
        cell_text(code),
        cell_text(or_null(&detail)),
    };
    _Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(columns), "a cell for each column");
    writer_row(writer, cells);
    out->broken |= latency.broken | detail.broken;
}

void check_rows_write(const struct check_document *document,
                      const struct check_view *view, struct buf *out)
{
    struct writer *writer = writer_begin(view->format->rows, out, &view->look, columns,
                                         ARRAY_SIZE(columns));
    for (size_t i = 0; i < document->n_results; i++) {
        const struct pgcensus_node_result *result = document->results[i];
        add_row(writer, pgcensus_fleet_node(document->fleet, result->index), result,
                out);
    }
    writer_end(writer);
}

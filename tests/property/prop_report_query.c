/* Random answers through every report: whatever servers say, JSON is JSON on one line,
 * nothing acts on a terminal, CSV has as many fields in every row, and what is streamed
 * is what is printed at once.
 *
 * PGCENSUS_SEED=… replays one seed.  This file plays the fleet. */
#include "base/json.h"
#include "base/rowset.h"
#include "base/text.h"
#include "report/query.h"
#include "tests/test.h"
#include "walk.h"

#include <string.h>

enum { WALKS = 1500, MOST_NODES = 6, MOST_ROWS = 5, MOST_COLUMNS = 4 };

AUTO_DEFINE(struct pgcensus_merge *, pgcensus_merge_free)
AUTO_DEFINE(struct pgcensus_fold *, pgcensus_fold_free)
AUTO_DEFINE(struct pgcensus_diff *, pgcensus_diff_free)

struct pgcensus_fleet {
    struct pgcensus_identity identities[MOST_NODES];
    struct pgcensus_query_result results[MOST_NODES];
    const struct pgcensus_query_result *order[MOST_NODES];
    struct pgcensus_reply replies[MOST_NODES];
    size_t n;
};

size_t pgcensus_fleet_size(const struct pgcensus_fleet *fleet)
{
    return fleet->n;
}

void pgcensus_fleet_redact(const struct pgcensus_fleet *fleet, char *text, size_t size)
{
}

const struct pgcensus_identity *pgcensus_fleet_node(const struct pgcensus_fleet *fleet,
                                                    size_t index)
{
    return &fleet->identities[index];
}

/* ---- what servers say ---- */

static void add_text(struct buf *buf, struct rng *rng)
{
    static const char *const pieces[] = {
        "a",
        "1",
        "-2.50",
        "NaN",
        "t",
        "f",
        "\n",
        "\r",
        "\t",
        "\"",
        ",",
        "\\.",
        "\\",
        "|",
        "{\"a\":[1]}",
        "[",
        "]",
        "\x1b[2J",
        "\xff",
        "\xe2\x80\xae",
        "\xf0\x9f\x98\x80",
        "\xe6\x97\xa5",
        "e\xcc\x81",
        " ",
        "\x7f",
        "null",
        "\"\\ud800\"",
        "\xc2\x85",
    };
    for (size_t i = rng_below(rng, 4); i > 0; i--)
        buf_add_str(buf, pieces[rng_below(rng, ARRAY_SIZE(pieces))]);
}

static struct pgcensus_rows *random_rows(struct rng *rng)
{
    static const unsigned types[] = {25, 23, 1700, 701, 16, 114, 3802, 0, 99999};
    static const char *const names[] = {"a", "a", "a_2", "node", "", "b"};
    AUTO(buf_fini) struct buf text = BUF_INIT;
    struct rowset *rowset = rowset_new();
    size_t n = rng_below(rng, MOST_COLUMNS + 1);
    rowset_begin(rowset, n);
    for (size_t i = 0; i < n; i++) {
        buf_clear(&text);
        if (rng_below(rng, 5))
            buf_add_str(&text, names[rng_below(rng, ARRAY_SIZE(names))]);
        else
            add_text(&text, rng);
        rowset_name(rowset, i, text.bytes, types[rng_below(rng, ARRAY_SIZE(types))]);
    }
    for (size_t row = rng_below(rng, MOST_ROWS); row > 0; row--) {
        rowset_add_row(rowset);
        for (size_t i = 0; i < n; i++) {
            buf_clear(&text);
            add_text(&text, rng);
            rowset_set_str(rowset, i, rng_below(rng, 4) ? text.bytes : NULL);
        }
    }
    return rowset_rows(rowset);
}

static void add_node(struct pgcensus_fleet *fleet, struct rng *rng)
{
    static const char *const names[] = {"pg-1", "pg-2", "db", "x.y", "pg-3", "pg-04"};
    static const enum pgcensus_query_status statuses[] = {
        PGCENSUS_QUERY_OK,      PGCENSUS_QUERY_OK,     PGCENSUS_QUERY_OK,
        PGCENSUS_QUERY_PARTIAL, PGCENSUS_QUERY_FAILED, PGCENSUS_QUERY_SKIPPED,
        PGCENSUS_QUERY_DISABLED};
    size_t i = fleet->n++;
    struct pgcensus_query_result *result = &fleet->results[i];
    struct pgcensus_reply *reply = &fleet->replies[i];
    fleet->identities[i] =
        (struct pgcensus_identity){.name = names[i], .host = "db", .port = 5432};
    *result = (struct pgcensus_query_result){
        .index = i, .status = statuses[rng_below(rng, ARRAY_SIZE(statuses))]};
    *reply = (struct pgcensus_reply){.node = names[i], .status = "ok"};
    reply->complete = result->status == PGCENSUS_QUERY_OK;
    if (reply->complete || result->status == PGCENSUS_QUERY_PARTIAL)
        reply->rows = random_rows(rng);
    result->n_rows = reply->rows ? reply->rows->n_rows : 0;
    result->attempted = reply->rows;
    result->failed = !reply->complete && result->status != PGCENSUS_QUERY_DISABLED;
    if (result->failed) {
        AUTO(buf_fini) struct buf text = BUF_INIT;
        add_text(&text, rng);
        result->failure.error_class = PGCENSUS_CLASS_QUERY;
        text_copy(result->failure.message, sizeof result->failure.message, text.bytes);
    }
    fleet->order[i] = result;
}

/* ---- what must hold ---- */

static void require_harmless(const struct buf *out)
{
    for (size_t at = 0; at < out->len;) {
        uint32_t code = 0;
        size_t length = text_decode(out->bytes + at, out->len - at, &code);
        assert_true(length > 0 && (code == '\n' || !text_deceives(code)));
        at += length;
    }
}

/* Well-formed and compact: embedded, it stays what it is. */
static void require_json(const char *line, size_t n)
{
    AUTO(buf_fini) struct buf again = BUF_INIT;
    json_add_embedded(&again, line, n);
    assert_int_equal(again.len, n);
    assert_memory_equal(again.bytes, line, n);
    assert_int_equal(line[0], '{');
}

static size_t require_lines(const struct buf *out)
{
    size_t lines = 0;
    for (const char *at = out->bytes, *end; *at; at = end + 1, lines++) {
        end = strchr(at, '\n');
        assert_non_null(end);
        require_json(at, (size_t)(end - at));
    }
    return lines;
}

/* As many fields in every record, as many records as there are rows and a header. */
static void require_csv(const struct buf *out, size_t n_columns, size_t n_rows)
{
    size_t fields = 1, records = 0;
    bool quoted = false;
    for (size_t i = 0; i < out->len; i++) {
        char c = out->bytes[i];
        quoted ^= c == '"';
        if (quoted)
            continue;
        fields += c == ',';
        if (c != '\n')
            continue;
        assert_int_equal(fields, n_columns);
        fields = 1;
        records++;
    }
    assert_false(quoted);
    assert_int_equal(records, 1 + n_rows);
}

static struct query_view random_view(struct rng *rng)
{
    struct query_view view = {.objects = rng_below(rng, 2),
                              .strings = rng_below(rng, 2)};
    view.look.expanded = rng_below(rng, 3) == 0;
    view.look.unaligned = rng_below(rng, 3) == 0;
    view.look.tuples_only = rng_below(rng, 3) == 0;
    view.look.width = rng_below(rng, 2) ? 40 : 0;
    return view;
}

static void try_documents(const struct query_document *document, struct rng *rng)
{
    struct query_view view = random_view(rng);
    AUTO(buf_fini) struct buf out = BUF_INIT;
    view.format = format_find("json");
    report_query(document, &view, &out);
    assert_int_equal(require_lines(&out), 1);
    require_harmless(&out);
    buf_clear(&out);
    view.format = format_find(rng_below(rng, 2) ? "table" : "markdown");
    report_query(document, &view, &out);
    require_harmless(&out);
    buf_clear(&out);
    report_query_problems(document, rng_below(rng, 2), &out);
    require_harmless(&out);
    assert_false(out.broken);
}

static void try_streams(const struct query_document *document)
{
    const struct query_view view = {.format = format_find("csv"), .objects = true};
    const struct pgcensus_column *columns;
    size_t n = pgcensus_merge_columns(document->merge, &columns);
    AUTO(buf_fini) struct buf whole = BUF_INIT, csv = BUF_INIT, lines = BUF_INIT;
    report_query(document, &view, &whole);
    struct query_feed *feed =
        query_feed_new(&writer_csv, document->merge, &view.look, &csv);
    assert_non_null(feed);
    for (size_t i = 0; i < document->n; i++) {
        const struct pgcensus_reply *reply = &document->replies[i];
        if (!reply->rows)
            continue;
        query_feed_add(feed, reply->node, reply->rows,
                       pgcensus_merge_map(document->merge, i));
        struct query_lines *of_node = query_lines_new(reply->node, reply->rows, &view);
        query_lines_add(of_node, reply->rows, &lines);
        query_lines_free(of_node);
    }
    query_feed_free(feed);
    assert_string_equal(whole.bytes, csv.bytes);
    require_csv(&csv, n + 1, document->summary.rows);
    assert_int_equal(require_lines(&lines), document->summary.rows);
    require_harmless(&lines);
}

static void walk(struct rng *rng)
{
    static struct pgcensus_fleet fleet;
    fleet.n = 0;
    for (size_t n = 1 + rng_below(rng, MOST_NODES); n > 0; n--)
        add_node(&fleet, rng);
    AUTO(pgcensus_merge_free)
    struct pgcensus_merge *merge = pgcensus_merge_new(fleet.n);
    for (size_t i = 0; i < fleet.n; i++)
        if (fleet.replies[i].rows)
            assert_true(pgcensus_merge_add(merge, i, fleet.replies[i].rows, false));

    struct query_document document = {.fleet = &fleet,
                                      .status = "partial",
                                      .results = fleet.order,
                                      .replies = fleet.replies,
                                      .n = fleet.n,
                                      .merge = merge};
    struct pgcensus_replies replies = {fleet.replies, fleet.n};
    struct pgcensus_diff_options options = {.unordered = false};
    struct pgcensus_error error;
    AUTO(pgcensus_fold_free)
    struct pgcensus_fold *fold = pgcensus_fold(&replies, false, &error);
    AUTO(pgcensus_diff_free)
    struct pgcensus_diff *diff = pgcensus_diff(&replies, &options, &error);
    query_summarize(fleet.order, fleet.n, &document.summary);
    document.summary.columns_differ = pgcensus_merge_differs(merge);

    try_documents(&document, rng);
    try_streams(&document);
    document.fold = fold;
    try_documents(&document, rng);
    document.fold = NULL;
    document.diff = diff; /* NULL if there is nothing to compare with */
    try_documents(&document, rng);
    for (size_t i = 0; i < fleet.n; i++)
        pgcensus_rows_free((struct pgcensus_rows *)fleet.replies[i].rows);
}

static void random_answers_are_printed(void **state)
{
    struct rng rng = walk_begin("report_query");
    for (int i = 0; i < WALKS; i++)
        walk(&rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_answers_are_printed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

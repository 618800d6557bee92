/* Rows on their way from nodes to a reader.
 *
 * A format of rows has one header, so the columns of all nodes are merged before the
 * first row is written.  With more nodes than jobs, the columns of a node may become
 * known only after that.  If it has one that the header lacks, its rows cannot be
 * written any more: the node has failed then, which is better than losing a column
 * silently. */
#include "cli/query/query_stream.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/rowset.h"

#include <stdint.h>

struct query_stream {
    const struct pgcensus_fleet *fleet;
    struct sink *sink;
    const struct query_view *view;
    bool any; /* nodes that were skipped were not needed */
    struct pgcensus_merge *merge;
    struct query_feed *feed;   /* of rows: the header is written; NULL: not yet */
    bool misfit;               /* the node at hand does not fit under it */
    struct query_lines *lines; /* of JSON, of the node at hand */
    size_t at;
    struct buf out;
};

struct query_stream *query_stream_new(const struct pgcensus_fleet *fleet,
                                      struct sink *sink, const struct query_view *view,
                                      bool any)
{
    AUTO(query_stream_free)
    struct query_stream *stream = memory_new(struct query_stream);
    if (!stream)
        return NULL;
    *stream = (struct query_stream){
        .fleet = fleet, .sink = sink, .view = view, .any = any, .out = BUF_INIT};
    stream->at = SIZE_MAX;
    stream->merge = pgcensus_merge_new(pgcensus_fleet_size(fleet));
    return stream->merge ? take_ptr(stream) : NULL;
}

void query_stream_free(struct query_stream *stream)
{
    if (!stream)
        return;
    query_feed_free(stream->feed);
    pgcensus_merge_free(stream->merge);
    query_lines_free(stream->lines);
    buf_fini(&stream->out);
    free(stream);
}

static bool is_of_rows(const struct query_stream *stream)
{
    return stream->view->format->kind == FORMAT_ROWS;
}

static bool pass_on(struct query_stream *stream, struct pgcensus_error *ret_error)
{
    struct buf *out = &stream->out;
    if (out->broken)
        return error_memory(ret_error);
    bool written = sink_write(stream->sink, out->bytes, out->len);
    buf_clear(out);
    return written || sink_commit(stream->sink, ret_error);
}

/* ---- rows ---- */

static bool write_header(struct query_stream *stream, struct pgcensus_query *query)
{
    if (stream->feed)
        return true;
    for (size_t i = 0; i < pgcensus_fleet_size(stream->fleet); i++) {
        const struct pgcensus_rows *shape = pgcensus_query_shape(query, i);
        if (shape && !pgcensus_merge_add(stream->merge, i, shape, /* frozen= */ false))
            return false;
    }
    stream->feed = query_feed_new(stream->view->format->rows, stream->merge,
                                  &stream->view->look, &stream->out);
    return stream->feed;
}

static bool fits_header(struct query_stream *stream, size_t index,
                        const struct pgcensus_rows *shape)
{
    return pgcensus_merge_map(stream->merge, index) ||
           pgcensus_merge_add(stream->merge, index, shape, /* frozen= */ true);
}

static bool add_to_feed(struct query_stream *stream, struct pgcensus_query *query,
                        size_t index, const struct pgcensus_rows *rows)
{
    if (!write_header(stream, query))
        return false;
    stream->misfit = !fits_header(stream, index, rows);
    if (stream->misfit)
        return true;
    query_feed_add(stream->feed, pgcensus_fleet_node(stream->fleet, index)->name, rows,
                   pgcensus_merge_map(stream->merge, index));
    return true;
}

static void note_misfit(struct query_stream *stream,
                        struct pgcensus_query_result *result)
{
    if (!stream->misfit)
        return;
    stream->misfit = false;
    result->status = PGCENSUS_QUERY_FAILED;
    result->n_rows = 0;
    result->failed = true;
    result->failure = (struct pgcensus_failure){
        .error_class = PGCENSUS_CLASS_LIMIT,
        .phase = PGCENSUS_PHASE_STREAM,
        .message = "has a column that the header, which is written already, has not; "
                   "raise --jobs or use --json",
    };
}

/* ---- lines ---- */

static bool add_json_lines(struct query_stream *stream, size_t index,
                           const struct pgcensus_rows *rows)
{
    if (stream->at != index) {
        query_lines_free(take_ptr(stream->lines));
        stream->at = index;
        stream->lines = query_lines_new(pgcensus_fleet_node(stream->fleet, index)->name,
                                        rows, stream->view);
    }
    if (stream->lines)
        query_lines_add(stream->lines, rows, &stream->out);
    return stream->lines;
}

/* ---- both ---- */

static bool stream_rows(void *context, struct pgcensus_query *query, size_t index,
                        struct pgcensus_rows *owned, struct pgcensus_error *ret_error)
{
    struct query_stream *stream = context;
    AUTO(pgcensus_rows_free) struct pgcensus_rows *rows = owned;
    bool added = is_of_rows(stream) ? add_to_feed(stream, query, index, rows)
                                    : add_json_lines(stream, index, rows);
    return added ? pass_on(stream, ret_error) : error_memory(ret_error);
}

static bool stream_node(void *context, struct pgcensus_query *query,
                        struct pgcensus_query_result *result,
                        struct pgcensus_error *ret_error)
{
    struct query_stream *stream = context;
    const struct pgcensus_rows *shape = pgcensus_query_shape(query, result->index);
    if (is_of_rows(stream)) {
        /* Before the header the columns of all nodes may not be known yet. */
        if (stream->feed && shape)
            stream->misfit |= !fits_header(stream, result->index, shape);
        note_misfit(stream, result);
    } else {
        if (shape && !pgcensus_merge_map(stream->merge, result->index) &&
            !pgcensus_merge_add(stream->merge, result->index, shape, false))
            return error_memory(ret_error);
        if (result->failed &&
            (!stream->any || result->status != PGCENSUS_QUERY_SKIPPED))
            query_lines_add_failure(stream->fleet, result, &stream->out);
    }
    return pass_on(stream, ret_error);
}

static size_t stream_backlog(void *context)
{
    const struct query_stream *stream = context;
    return sink_waiting(stream->sink);
}

static bool stream_drain(void *context, int *ret_full, struct pgcensus_error *ret_error)
{
    struct query_stream *stream = context;
    if (!sink_flush(stream->sink))
        return sink_commit(stream->sink, ret_error); /* only to learn what went wrong */
    *ret_full = sink_waiting(stream->sink) > 0 ? sink_fd(stream->sink) : -1;
    return true;
}

/* The header stands there even if there was no row to print it for. */
static bool stream_end(void *context, struct pgcensus_query *query,
                       struct pgcensus_error *ret_error)
{
    struct query_stream *stream = context;
    if (is_of_rows(stream) && !write_header(stream, query))
        return error_memory(ret_error);
    return pass_on(stream, ret_error);
}

struct row_sink query_stream_sink(struct query_stream *stream)
{
    return (struct row_sink){stream_rows,    stream_node,  stream_end,
                             stream_backlog, stream_drain, stream};
}

const struct pgcensus_merge *query_stream_merge(const struct query_stream *stream)
{
    return stream->merge;
}

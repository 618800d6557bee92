/* Rows that are printed as they come: in formats of rows by inventory, in lines of JSON
 * by arrival. */
#ifndef CLI_QUERY_QUERY_STREAM_H
#define CLI_QUERY_QUERY_STREAM_H

#include "cli/query/query_arguments.h"
#include "cli/query/query_loop.h"
#include "output/sink.h"
#include "report/query.h"

struct query_stream;

/* fleet and sink outlive it.  any: as the query's option.  NULL: no memory. */
struct query_stream *query_stream_new(const struct pgcensus_fleet *fleet,
                                      struct sink *sink, const struct query_view *view,
                                      bool any);
void query_stream_free(struct query_stream *stream);
AUTO_DEFINE(struct query_stream *, query_stream_free)

struct row_sink query_stream_sink(struct query_stream *stream);
/* The columns of all. */
const struct pgcensus_merge *query_stream_merge(const struct query_stream *stream);
#endif

/* Rows that are printed as they come: in formats of rows by inventory, in lines of JSON
 * by arrival. */
#ifndef CLI_QUERY_QUERY_STREAM_H
#define CLI_QUERY_QUERY_STREAM_H

#include "cli/query/query_arguments.h"
#include "cli/query/query_loop.h"
#include "output/sink.h"
#include "report/query.h"

struct stream;

/* fleet and sink outlive it.  any: as the query's option.  NULL: no memory. */
struct stream *stream_new(const struct pgcensus_fleet *fleet, struct sink *sink,
                          const struct query_view *view, bool any);
void stream_free(struct stream *stream);
AUTO_DEFINE(struct stream *, stream_free)

struct taker stream_taker(struct stream *stream);
/* The columns of all. */
const struct pgcensus_merge *stream_merge(const struct stream *stream);
#endif

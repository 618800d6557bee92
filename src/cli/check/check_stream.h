/* The lines of `check --ndjson`, each as soon as nothing can change it any more. */
#ifndef CLI_CHECK_CHECK_STREAM_H
#define CLI_CHECK_CHECK_STREAM_H

#include "base/auto.h"
#include "output/sink.h"

#include <pgcensus/pgcensus.h>

struct check_stream;

/* waits: lag is measured, so that a standby waits for the rest of its group.  NULL: no
 * memory. */
struct check_stream *check_stream_new(const struct pgcensus_fleet *fleet,
                                      const struct pgcensus_verdict_options *options,
                                      bool waits, struct sink *sink,
                                      struct pgcensus_error *ret_error);
void check_stream_free(struct check_stream *stream);
AUTO_DEFINE(struct check_stream *, check_stream_free)

/* For struct check_loop_options; the context is the stream. */
bool check_stream_arrived(void *context, const struct pgcensus_node_result *result,
                          bool left_out, struct pgcensus_error *ret_error);
bool check_stream_work(void *context, bool *ret_more, struct pgcensus_error *ret_error);

#endif

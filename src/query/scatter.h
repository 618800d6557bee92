/* Every node of a engine is asked, and comes out exactly once. */
#ifndef QUERY_SCATTER_H
#define QUERY_SCATTER_H

#include "fleet/engine.h"
#include "query/plan.h"

struct scatter;

/* options stay the caller's and must outlive it.  NULL: no memory. */
struct scatter *scatter_new(struct engine *engine,
                            const struct pgcensus_query_options *options, nsec now);
/* Questions that are under way are ended. */
void scatter_free(struct scatter *scatter);
AUTO_DEFINE(struct scatter *, scatter_free)

/* The next event that is there: ROWS, NODE, END, or TICK if none is. */
enum pgcensus_query_turn scatter_take(struct scatter *scatter,
                                      struct pgcensus_query_event *ret_event);
const struct pgcensus_rows *scatter_shape(const struct scatter *scatter, size_t at);

/* Of a node that has come out; they are the caller's now. */
struct pgcensus_notices scatter_take_notices(struct scatter *scatter, size_t at);

/* No rows until fd takes bytes; -1: they come again. */
void scatter_hold(struct scatter *scatter, int fd);
/* fd has begun to take bytes since it was last asked. */
bool scatter_released(struct scatter *scatter);

/* What has not come to an end comes out for that reason. */
void scatter_stop(struct scatter *scatter, enum pgcensus_class error_class,
                  enum pgcensus_subject subject, const char *reason, nsec now);

#endif

/* The answers to a query as pages and documents. */
#ifndef REPORT_QUERY_H
#define REPORT_QUERY_H

#include "base/buf.h"
#include "output/format.h"
#include "report/explain.h"

#include <pgcensus/pgcensus.h>

struct query_summary {
    unsigned nodes, ok, failed, partial, skipped, disabled;
    unsigned unjudged; /* of the failed ones: for reasons that are our own */
    unsigned unneeded; /* of the skipped ones: another one has spoken for all */
    size_t rows;       /* of all nodes, before anything was made of them */
    bool truncated, columns_differ;
};

/* All of a query.  results are in inventory order and hold only what is reported;
 * replies stand beside them, and the merge knows them by the same numbers. */
struct query_document {
    const struct pgcensus_fleet *fleet;
    nsec started_wall;  /* CLOCK_REALTIME */
    nsec elapsed, lost; /* lost: of it, see pgcensus_fleet_lost() */
    const char *status; /* "ok", "partial", "failed" */
    int exit_code;
    struct statement_source source; /* what everybody was asked */
    struct query_summary summary;
    const struct pgcensus_query_result *const *results;
    const struct pgcensus_reply *replies;
    size_t n;
    const struct pgcensus_merge *merge;

    /* What was made of them; NULL: that was not asked for. */
    const struct pgcensus_rows *reduced;
    const struct pgcensus_fold *fold;
    const struct pgcensus_diff *diff;
    bool cut; /* reduced would have had more rows */

    /* The time before, for those who ask again and again; NULL: there was none. */
    const struct query_document *before;
};

struct query_view {
    const struct format *format;
    struct look look;
    bool objects; /* --rows objects */
    bool strings; /* --numbers string */
};

/* Counts; unneeded and columns_differ are left to whoever knows. */
void query_summarize(const struct pgcensus_query_result *const *results, size_t n,
                     struct query_summary *ret_summary);

/* In a format of a kind that there is here.  Of lines it is the last one: the others
 * are written as they come. */
bool report_query_writes(enum format_kind kind);
void report_query(const struct query_document *document, const struct query_view *view,
                  struct buf *out);

/* "pgcensus: pg-c: connection refused …"; one line for many nodes that say the same.
 * verbose: also those that --any passed over. */
void report_query_problems(const struct query_document *document, bool verbose,
                           struct buf *out);
/* What the servers said while they answered: "pgcensus: pg-c: WARNING: skipping …"; one
 * line for many nodes that say the same.  verbose: also a NOTICE and the like. */
void report_query_said(const struct query_document *document, bool verbose,
                       struct buf *out);
/* What else is worth knowing, and no problem. */
void report_query_notes(const struct query_document *document, struct buf *out);

/* ---- rows as they come ---- */

/* NDJSON: lines for some rows of a node, and for its failure. */
struct query_lines; /* what is known of the keys of a node's rows */
struct query_lines *query_lines_new(const char *node, const struct pgcensus_rows *shape,
                                    const struct query_view *view);
void query_lines_free(struct query_lines *lines);
void query_lines_add(const struct query_lines *lines, const struct pgcensus_rows *rows,
                     struct buf *out);
void query_lines_add_failure(const struct pgcensus_fleet *fleet,
                             const struct pgcensus_query_result *result,
                             struct buf *out);

/* Formats of rows: a header, then some rows of a node under it, again and again. */
struct query_feed;
/* Writes the header, with the columns that the merge has so far.  merge, look and out
 * must stay.  NULL: no memory. */
struct query_feed *query_feed_new(const struct writer_type *type,
                                  const struct pgcensus_merge *merge,
                                  const struct look *look, struct buf *out);
void query_feed_free(struct query_feed *feed);
/* map: where in the rows each column of the header is, see pgcensus_merge_map(). */
void query_feed_add(struct query_feed *feed, const char *node,
                    const struct pgcensus_rows *rows, const size_t *map);

/* ---- for the files of this document, one for each kind ---- */

typedef void query_writer(const struct query_document *document,
                          const struct query_view *view, struct buf *out);

query_writer query_table_write, query_rows_write, query_json_write, query_json_end;

#endif

/* A finished (or interrupted) round of checks as a document. */
#ifndef REPORT_CHECK_H
#define REPORT_CHECK_H

#include "base/json.h"
#include "report/row_view.h"

#include <pgcensus/pgcensus.h>

struct check_summary {
    unsigned nodes, ok, warn, down, unknown, disabled;
    unsigned held;     /* of warn: they did not answer, and may miss a check */
    unsigned doubtful; /* groups of which it is hidden whether they keep their rules */
};

/* All of a round.  results are in inventory order and hold only what is reported. */
struct check_document {
    const struct pgcensus_fleet *fleet;
    const char *config_path;     /* NULL → null */
    nsec started_wall;           /* CLOCK_REALTIME */
    nsec elapsed, lost;          /* lost: of it, see pgcensus_fleet_lost() */
    enum pgcensus_status status; /* the worst */
    int exit_code;
    int verdict_code; /* the same, whatever --fail-on made of it */
    struct check_summary summary;
    const struct pgcensus_node_result *const *results;
    size_t n_results;
    const struct pgcensus_verdict *verdict; /* on the groups; NULL: none was made */
    const char *remark; /* on the run itself, for who reads no stderr; NULL: none */
};

struct check_view {
    struct row_view rows;
    unsigned height;    /* rows of the terminal, 0: none → always complete */
    bool all;           /* --all */
    bool problems_only; /* --quiet: nothing at all if the exit code is 0 */
    bool verbose;
    bool streamed; /* lines of nodes have been written already */
};

void check_summarize(const struct pgcensus_node_result *const *results, size_t n,
                     struct check_summary *ret_summary,
                     enum pgcensus_status *ret_worst);

/* How many nodes have that verdict. */
unsigned check_count(const struct check_summary *summary, enum pgcensus_status status);

/* How many groups cannot be judged although their nodes were. */
unsigned check_count_doubtful(const struct pgcensus_verdict *verdict);

/* The worst verdict on a group; disabled if there is none. */
enum pgcensus_status check_worst_group(const struct pgcensus_verdict *verdict);

/* In the format of the view, which must be of a kind that there is here. */
bool report_check_writes(enum format_kind kind);
void report_check(const struct check_document *document, const struct check_view *view,
                  struct buf *out);

/* NDJSON, a line as a node arrives. */
void check_json_line(const struct pgcensus_fleet *fleet,
                     const struct pgcensus_node_result *result, struct buf *out);
/* The output of a monitoring plugin for a run that could not start. */
void check_nagios_error(const struct pgcensus_error *error, struct buf *out);

/* ---- for the files of this document, one for each kind ---- */

typedef void check_writer(const struct check_document *document,
                          const struct check_view *view, struct buf *out);

/* A terminal that is too low for every node gets the problems only, unless it is told
 * --all or the output is for programs (-A, -t). */
check_writer check_page_write;
check_writer check_rows_write, check_json_write, check_json_write_lines,
    check_nagios_write, check_prometheus_write;

#endif

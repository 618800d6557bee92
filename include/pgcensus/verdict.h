/* Judges the results of a round of checks together.
 *
 * A check looks at one node.  Judgements that need several nodes are made here,
 * after the round, together with the thresholds of each node: the lag of a
 * standby behind its primary, no primary or two of them, a node of another
 * cluster. */
#ifndef PGCENSUS_VERDICT_H
#define PGCENSUS_VERDICT_H

#include <pgcensus/fleet.h>
#include <pgcensus/recall.h>

/* ---- metrics ---- */

enum pgcensus_metric {
    PGCENSUS_METRIC_LATENCY,       /* nanoseconds, of the whole check */
    PGCENSUS_METRIC_LAG_BYTES,     /* bytes, replay */
    PGCENSUS_METRIC_LAG_SECONDS,   /* nanoseconds, replay */
    PGCENSUS_METRIC_CONNECTIONS,   /* per cent of the unreserved ones */
    PGCENSUS_METRIC_CLOCK_OFFSET,  /* nanoseconds, without its sign */
    PGCENSUS_METRIC_SLOT_RETAINED, /* bytes, of the worst slot; a lost one has none */
    PGCENSUS_METRIC_CERT_EXPIRY,   /* nanoseconds until expiry, negative after it */
    PGCENSUS_METRIC_UPTIME,        /* nanoseconds */
    PGCENSUS_METRICS,              /* how many there are */
};

/* "latency", "lag_bytes" … */
const char *pgcensus_metric_name(enum pgcensus_metric metric);
/* Finds the metric of that name; false: there is none. */
bool pgcensus_metric_find(const char *name, enum pgcensus_metric *ret_metric);

enum pgcensus_unit { PGCENSUS_UNIT_TIME, PGCENSUS_UNIT_BYTES, PGCENSUS_UNIT_PERCENT };

enum pgcensus_unit pgcensus_metric_unit(enum pgcensus_metric metric);

/* False: not known of this node. */
bool pgcensus_metric_value(const struct pgcensus_node_result *result,
                           enum pgcensus_metric metric, double *ret_value);

/* Why a part of a standby's lag is unknown, in words; "" if all is known. */
void pgcensus_lag_explain(const struct pgcensus_node_result *result, char *to,
                          size_t size);

/* Writes the value with three digits for people, "12.3ms", "1.5GB", "87.5%";
 * cut to fit, "" if memory ran out. */
void pgcensus_metric_format(enum pgcensus_metric metric, double value, char *to,
                            size_t size);

/* ---- limits ---- */

/* A range as the plugin guidelines write it, [@]START:END, both ends in it.  A
 * value outside raises an alert; with inside (@), a value inside. */
struct pgcensus_range {
    bool set; /* false: there is no such limit */
    bool inside;
    double start, end; /* in the unit of the metric; infinite for "~" and no end */
};

bool pgcensus_range_alerts(const struct pgcensus_range *range, double value);
/* Writes the range in the syntax of the configuration, "200ms", "10m:",
 * "@0:5s"; "" for none. */
void pgcensus_range_format(enum pgcensus_metric metric,
                           const struct pgcensus_range *range, char *to, size_t size);

struct pgcensus_limits {
    struct pgcensus_range warn, critical;
};

/* The configured limits of one node; never NULL. */
const struct pgcensus_limits *pgcensus_fleet_limits(const struct pgcensus_fleet *fleet,
                                                    size_t index,
                                                    enum pgcensus_metric metric);

/* ---- groups ---- */

/* A member is -1 if there is no such rule.  A server that has several nodes
 * counts once. */
struct pgcensus_require {
    int primaries;   /* exactly so many; more than one: of as many clusters */
    int standbys;    /* at least, detached ones not counted */
    int min_healthy; /* ok or warn, at least */
};

struct pgcensus_group_verdict {
    const char *group;           /* lives as long as the fleet; NULL: without one */
    enum pgcensus_status status; /* ok, warn or down; unknown if not complete */
    bool complete;               /* the role of each node that is not down is known */
    /* Indexes of nodes, one for each server, in inventory order. */
    const size_t *primaries, *standbys;
    size_t n_primaries, n_standbys;
    const struct pgcensus_reason *reasons;
    size_t n_reasons;
};

/* ---- nodes ---- */

/* The judgement of one result, beside it. */
struct pgcensus_node_verdict {
    size_t index; /* of the node */
    enum pgcensus_status status;
    bool held; /* failed, but healthy before and within `fall`: warn, not down */
    struct pgcensus_lag lag;
    struct pgcensus_past past;
    const struct pgcensus_reason *reasons; /* the result's own first; those of a node
                                            * that did not answer are the result's */
    size_t n_reasons;                      /* at most PGCENSUS_MOST_REASONS */
};

/* ---- a round ---- */

struct pgcensus_verdict {
    struct pgcensus_group_verdict *groups; /* by name; the one without first */
    size_t n_groups;
    const struct pgcensus_node_verdict *nodes; /* in the order of the results */
    size_t n_nodes;
};

struct pgcensus_verdict_options {
    struct pgcensus_require require; /* stronger than what groups require; -1 … */
    const struct pgcensus_recall
        *recall; /* that kept the round; NULL: the past in the results is ignored */
    /* By index of the node, each including the last check, instead of the past
     * in the results; NULL: none. */
    const struct pgcensus_past *past;
};

/* Judges results as their checks left them: applies the past of each node to
 * its status, and judges the lag of each standby, thresholds and groups.  Only
 * reads, so it may be called at any time and any number of times. results may
 * be any part of a round; rules that need a whole group are judged only if all
 * of its nodes are there.  The verdict may point into the results: they outlive
 * it.  NULL: no memory. */
struct pgcensus_verdict *
pgcensus_judge(const struct pgcensus_fleet *fleet,
               const struct pgcensus_node_result *const *results, size_t n,
               const struct pgcensus_verdict_options *options,
               struct pgcensus_error *ret_error);
void pgcensus_verdict_free(struct pgcensus_verdict *verdict);

/* Writes the judgement of a node into its result, or a copy of it, which must
 * not be judged again. */
void pgcensus_verdict_apply(const struct pgcensus_node_verdict *node,
                            struct pgcensus_node_result *result);

/* pgcensus_judge(), then pgcensus_verdict_apply() for each of the results, so
 * each may be judged only once. */
struct pgcensus_verdict *
pgcensus_verdict_new(const struct pgcensus_fleet *fleet,
                     struct pgcensus_node_result *const *results, size_t n,
                     const struct pgcensus_verdict_options *options,
                     struct pgcensus_error *ret_error);

/* ---- which group can be judged ---- */

/* The lag of a standby is known when all nodes of its group have a result,
 * since any of them may be its primary; nodes without a group are judged
 * together.  A tracker knows the nodes that the fleet had when it was made. */
struct pgcensus_group_tracker;

/* NULL: no memory. */
struct pgcensus_group_tracker *
pgcensus_group_tracker_new(const struct pgcensus_fleet *fleet,
                           struct pgcensus_error *ret_error);
void pgcensus_group_tracker_free(struct pgcensus_group_tracker *tracker);

/* Notes that the node has a result, its first or another one.  True: now all
 * nodes that are judged together with it have one. */
bool pgcensus_group_tracker_note(struct pgcensus_group_tracker *tracker, size_t index);
/* The nodes that are judged together with it, itself included, in inventory
 * order.  The array lives as long as the tracker. */
const size_t *
pgcensus_group_tracker_members(const struct pgcensus_group_tracker *tracker,
                               size_t index, size_t *ret_n);

#endif

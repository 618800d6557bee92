/* What a round of checks means for the nodes together.
 *
 * A check looks at one node.  What takes several, the lag of a standby behind its
 * primary, no primary or two of them, a node of another cluster, is judged here, after
 * the round, together with the thresholds of each node. */
#ifndef PGCENSUS_VERDICT_H
#define PGCENSUS_VERDICT_H

#include <pgcensus/fleet.h>
#include <pgcensus/recall.h>

/* ---- what is measured ---- */

enum pgcensus_metric {
    PGCENSUS_METRIC_LATENCY,       /* nanoseconds, of the whole check */
    PGCENSUS_METRIC_LAG_BYTES,     /* bytes, replay */
    PGCENSUS_METRIC_LAG_SECONDS,   /* nanoseconds, replay */
    PGCENSUS_METRIC_CONNECTIONS,   /* per cent of those that are not reserved */
    PGCENSUS_METRIC_CLOCK_OFFSET,  /* nanoseconds, without its sign */
    PGCENSUS_METRIC_SLOT_RETAINED, /* bytes, of the worst slot; a lost one has none */
    PGCENSUS_METRIC_CERT_EXPIRY,   /* nanoseconds until then, negative behind it */
    PGCENSUS_METRIC_UPTIME,        /* nanoseconds */
    PGCENSUS_METRICS,              /* how many there are */
};

/* "latency", "lag_bytes" … */
const char *pgcensus_metric_name(enum pgcensus_metric metric);
/* By that name; false: there is none. */
bool pgcensus_metric_find(const char *name, enum pgcensus_metric *ret_metric);

enum pgcensus_unit { PGCENSUS_UNIT_TIME, PGCENSUS_UNIT_BYTES, PGCENSUS_UNIT_PERCENT };

enum pgcensus_unit pgcensus_metric_unit(enum pgcensus_metric metric);

/* False: not known of this node. */
bool pgcensus_metric_value(const struct pgcensus_node_result *result,
                           enum pgcensus_metric metric, double *ret_value);

/* Why something of a standby's lag is not known, in words; "" if nothing is. */
void pgcensus_lag_explain(const struct pgcensus_node_result *result, char *to,
                          size_t size);

/* Three digits of it for people, "12.3ms", "1.5GB", "87.5%"; cut to fit, "" if memory
 * ran out. */
void pgcensus_metric_format(enum pgcensus_metric metric, double value, char *to,
                            size_t size);

/* ---- limits ---- */

/* A range as the plugin guidelines write it, [@]START:END, both ends in it.  What lies
 * outside raises an alert; with inside (@), what lies inside. */
struct pgcensus_range {
    bool set; /* false: there is no such limit */
    bool inside;
    double start, end; /* in the unit of the metric; infinite for "~" and no end */
};

bool pgcensus_range_alerts(const struct pgcensus_range *range, double value);
/* As it can be configured, "200ms", "10m:", "@0:5s"; "" for none. */
void pgcensus_range_format(enum pgcensus_metric metric,
                           const struct pgcensus_range *range, char *to, size_t size);

struct pgcensus_limits {
    struct pgcensus_range warn, critical;
};

/* Those of one node, as configured; never NULL. */
const struct pgcensus_limits *pgcensus_fleet_limits(const struct pgcensus_fleet *fleet,
                                                    size_t index,
                                                    enum pgcensus_metric metric);

/* ---- groups ---- */

/* -1: no such rule.  A server that has several nodes counts once. */
struct pgcensus_require {
    int primaries;   /* exactly so many; more than one: of as many clusters */
    int standbys;    /* at least, detached ones not counted */
    int min_healthy; /* ok or warn, at least */
};

struct pgcensus_group_verdict {
    const char *group;           /* lives as long as the fleet; NULL: without one */
    enum pgcensus_status status; /* ok, warn, down; unknown: it cannot be said */
    bool complete; /* each of its nodes said what it is, or that it is down */
    /* Indexes of nodes, one for each server, in inventory order. */
    const size_t *primaries, *standbys;
    size_t n_primaries, n_standbys;
    const struct pgcensus_reason *reasons;
    size_t n_reasons;
};

/* ---- nodes ---- */

/* What is made of one result, beside it. */
struct pgcensus_node_verdict {
    size_t index; /* of the node */
    enum pgcensus_status status;
    bool held; /* it failed, but was healthy and may miss a check: warn, not down */
    struct pgcensus_lag lag;
    struct pgcensus_past past;
    const struct pgcensus_reason *reasons; /* the result's own first */
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
    const struct pgcensus_recall *recall; /* that kept the round; NULL: the past that
                                             results have is not looked at */
    /* By index of the node, each with the last check in it, instead of what recall has
     * put into the results; NULL: none. */
    const struct pgcensus_past *past;
};

/* Judges results as their checks left them: what the past of each node makes of its
 * status, the lag of each standby, thresholds, groups.  Reads only, so it may be called
 * at any time and as often as something has changed.  results may be any part of a
 * round; rules that need all of a group are judged only where all of it is there.
 * NULL: no memory. */
struct pgcensus_verdict *
pgcensus_judge(const struct pgcensus_fleet *fleet,
               const struct pgcensus_node_result *const *results, size_t n,
               const struct pgcensus_verdict_options *options,
               struct pgcensus_error *ret_error);
void pgcensus_verdict_free(struct pgcensus_verdict *verdict);

/* Writes what was made of a node into its result, or a copy, which then says all that
 * is known.  It is not judged again. */
void pgcensus_verdict_apply(const struct pgcensus_node_verdict *node,
                            struct pgcensus_node_result *result);

/* Both: judges, and writes into each of the results, so each may be judged once. */
struct pgcensus_verdict *
pgcensus_verdict_new(const struct pgcensus_fleet *fleet,
                     struct pgcensus_node_result *const *results, size_t n,
                     const struct pgcensus_verdict_options *options,
                     struct pgcensus_error *ret_error);

/* ---- which group can be judged ---- */

/* How far a standby is behind is known when the last node of its group has a result,
 * since any of them may be its primary; what has no group is judged together.  A
 * tracker knows the nodes that the fleet had when it was made. */
struct pgcensus_group_tracker;

/* NULL: no memory. */
struct pgcensus_group_tracker *
pgcensus_group_tracker_new(const struct pgcensus_fleet *fleet,
                           struct pgcensus_error *ret_error);
void pgcensus_group_tracker_free(struct pgcensus_group_tracker *tracker);

/* That node has a result, its first one or another.  True: now all that are judged
 * together with it have one. */
bool pgcensus_group_tracker_note(struct pgcensus_group_tracker *tracker, size_t index);
/* Those nodes and the node itself, in inventory order.  They live as long as the
 * tracker. */
const size_t *
pgcensus_group_tracker_members(const struct pgcensus_group_tracker *tracker,
                               size_t index, size_t *ret_n);

#endif

/* A line is a verdict and is never taken back.  What a node says of itself is final
 * when it arrives; how far a standby is behind is known when the last node of its group
 * is there, since any of them may be its primary.  So standbys wait, in their group,
 * and nobody else does.
 *
 * Judging changes results, and the round judges all of them once more at its end; so it
 * is copies that are judged here.
 *
 * The surprise: other nodes answer meanwhile.  A company that is complete is judged in
 * one turn of its own, and its lines are written a few at a time, with a turn of the
 * fleet in between. */
#include "cli/check/check_stream.h"

#include "base/error.h"
#include "base/memory.h"
#include "report/check.h"

#include <stdlib.h>
#include <string.h>

AUTO_DEFINE(struct pgcensus_verdict *, pgcensus_verdict_free)

enum { LINES_A_TURN = 64 };

/* Of nodes with the same group, or of all without one. */
struct company {
    const char *group;
    size_t *members; /* indexes; a part of stream->members */
    size_t n, n_arrived;
    bool is_judged;
    size_t n_told; /* members that have had their line, or need none any more */
};

struct check_stream {
    const struct pgcensus_fleet *fleet;
    const struct pgcensus_verdict_options *options;
    struct sink *sink;
    bool waits;

    struct pgcensus_node_result *results; /* by index: copies, as they came */
    bool *waiting;                        /* by index: has no line yet, but gets one */
    struct company *companies;
    size_t n_companies;
    struct company **ready; /* complete, and some of them wait; by arrival … */
    size_t n_ready, n_done; /* … and how many of those are told */
    size_t *members;        /* all indexes, by company */
    size_t *company_of;     /* by index */
};

/* ---- who belongs together ---- */

static int compare_groups(const char *one, const char *other)
{
    return one && other ? strcmp(one, other) : (one != NULL) - (other != NULL);
}

struct entry {
    const char *group;
    size_t index;
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    int order = compare_groups(left->group, right->group);
    return order ? order : (left->index > right->index) - (left->index < right->index);
}

static void sort_into_companies(struct check_stream *stream, struct entry *entries,
                                size_t n)
{
    struct company *company = NULL;
    qsort(entries, n, sizeof *entries, compare_entries);
    for (size_t i = 0; i < n; i++) {
        if (!company || compare_groups(company->group, entries[i].group) != 0) {
            company = &stream->companies[stream->n_companies++];
            company->group = entries[i].group;
            company->members = &stream->members[i];
        }
        company->members[company->n++] = entries[i].index;
        stream->company_of[entries[i].index] = stream->n_companies - 1;
    }
}

struct check_stream *check_stream_new(const struct pgcensus_fleet *fleet,
                                      const struct pgcensus_verdict_options *options,
                                      bool waits, struct sink *sink,
                                      struct pgcensus_error *ret_error)
{
    size_t n = pgcensus_fleet_size(fleet);
    AUTO(check_stream_free)
    struct check_stream *stream = memory_new(struct check_stream);
    AUTO(free) struct entry *entries = memory_array(n, sizeof *entries);
    if (stream && entries) {
        stream->results = memory_array(n, sizeof *stream->results);
        stream->waiting = memory_array(n, sizeof *stream->waiting);
        stream->companies = memory_array(n, sizeof *stream->companies);
        stream->ready = memory_array(n, sizeof *stream->ready);
        stream->members = memory_array(n, sizeof *stream->members);
        stream->company_of = memory_array(n, sizeof *stream->company_of);
    }
    if (!stream || !entries || !stream->results || !stream->waiting ||
        !stream->companies || !stream->ready || !stream->members ||
        !stream->company_of) {
        error_memory(ret_error);
        return NULL;
    }
    stream->fleet = fleet;
    stream->options = options;
    stream->waits = waits;
    stream->sink = sink;
    for (size_t i = 0; i < n; i++)
        entries[i] = (struct entry){pgcensus_fleet_node(fleet, i)->group, i};
    sort_into_companies(stream, entries, n);
    return take_ptr(stream);
}

void check_stream_free(struct check_stream *stream)
{
    if (!stream)
        return;
    free(stream->results);
    free(stream->waiting);
    free(stream->companies);
    free(stream->ready);
    free(stream->members);
    free(stream->company_of);
    free(stream);
}

/* ---- lines ---- */

static bool write_line(struct check_stream *stream,
                       const struct pgcensus_node_result *result,
                       struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf line = BUF_INIT;
    check_json_line(stream->fleet, result, &line);
    if (line.broken)
        return error_memory(ret_error);
    if (sink_write(stream->sink, line.bytes, line.len) && sink_flush(stream->sink))
        return true;
    return sink_commit(stream->sink, ret_error); /* only to learn what went wrong */
}

static bool judge(const struct check_stream *stream,
                  struct pgcensus_node_result *const *results, size_t n,
                  struct pgcensus_error *ret_error)
{
    AUTO(pgcensus_verdict_free)
    struct pgcensus_verdict *verdict =
        pgcensus_verdict_new(stream->fleet, results, n, stream->options, ret_error);
    return verdict != NULL;
}

/* ---- standbys ---- */

/* The last of a company has come: now those that waited can be measured. */
static bool judge_company(struct check_stream *stream, const struct company *company,
                          struct pgcensus_error *ret_error)
{
    AUTO(free)
    struct pgcensus_node_result **results = memory_array(company->n, sizeof *results);
    if (!results)
        return error_memory(ret_error);
    for (size_t i = 0; i < company->n; i++)
        results[i] = &stream->results[company->members[i]];
    return judge(stream, results, company->n, ret_error);
}

/* Whether that is worth it: most nodes have had their line by then. */
static void finish(struct check_stream *stream, struct company *company)
{
    bool has_waiting = false;
    for (size_t i = 0; i < company->n && !has_waiting; i++)
        has_waiting = stream->waiting[company->members[i]];
    if (has_waiting)
        stream->ready[stream->n_ready++] = company;
}

/* Some lines of a company that was judged; *ret_done: they were the last ones. */
static bool write_some(struct check_stream *stream, struct company *company,
                       bool *ret_done, struct pgcensus_error *ret_error)
{
    for (int n = 0; n < LINES_A_TURN && company->n_told < company->n;) {
        size_t index = company->members[company->n_told++];
        if (!stream->waiting[index])
            continue;
        if (!write_line(stream, &stream->results[index], ret_error))
            return false;
        n++;
    }
    *ret_done = company->n_told == company->n;
    return true;
}

bool check_stream_work(void *context, bool *ret_more, struct pgcensus_error *ret_error)
{
    struct check_stream *stream = context;
    bool is_done = false;
    if (stream->n_done == stream->n_ready)
        return true;
    struct company *company = stream->ready[stream->n_done];
    if (!company->is_judged && !judge_company(stream, company, ret_error))
        return false;
    if (company->is_judged && !write_some(stream, company, &is_done, ret_error))
        return false;
    company->is_judged = true;
    stream->n_done += is_done;
    *ret_more = stream->n_done < stream->n_ready;
    return true;
}

bool check_stream_arrived(void *context, const struct pgcensus_node_result *result,
                          bool left_out, struct pgcensus_error *ret_error)
{
    struct check_stream *stream = context;
    struct company *company = &stream->companies[stream->company_of[result->index]];
    struct pgcensus_node_result copy = *result, *alone = &copy;
    bool may_be_behind =
        stream->waits && !result->failed && result->role != PGCENSUS_PRIMARY;

    stream->results[result->index] = *result;
    stream->waiting[result->index] = may_be_behind && !left_out;
    company->n_arrived++;
    if (!may_be_behind && !left_out &&
        !(judge(stream, &alone, 1, ret_error) && write_line(stream, &copy, ret_error)))
        return false;
    if (stream->waits && company->n_arrived == company->n)
        finish(stream, company);
    return true;
}

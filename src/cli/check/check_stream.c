/* A line is a verdict and is never taken back.  What a node says of itself is final
 * when it arrives.  How far a standby is behind is known when the last node of its
 * group is there, since any of them may be its primary; so only standbys wait for their
 * group.
 *
 * Judging changes results, and the round judges all of them once more at its end; so
 * copies are judged here.
 *
 * Other nodes answer meanwhile, and judging and writing a large group at once would
 * make them late.  So a group that is complete is judged in one turn of its own, and
 * its lines are written a few at a time, with a turn of the fleet in between. */
#include "cli/check/check_stream.h"

#include "base/error.h"
#include "base/memory.h"
#include "report/check.h"

#include <stdlib.h>
#include <string.h>

AUTO_DEFINE(struct pgcensus_verdict *, pgcensus_verdict_free)

enum { LINES_A_TURN = 64 };

/* The nodes of one group, or all that are in none. */
struct group_progress {
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
    struct group_progress *groups;
    size_t n_groups;
    struct group_progress **ready; /* complete, and some of them wait; by arrival … */
    size_t n_ready, n_done;        /* … and how many of those are told */
    size_t *members;               /* all indexes, by group */
    size_t *group_of;              /* by index */
};

/* ---- groups ---- */

static int compare_groups(const char *one, const char *other)
{
    return one && other ? strcmp(one, other) : (one != NULL) - (other != NULL);
}

struct group_entry {
    const char *group;
    size_t index;
};

static int compare_group_entries(const void *a, const void *b)
{
    const struct group_entry *left = a, *right = b;
    int order = compare_groups(left->group, right->group);
    return order ? order : (left->index > right->index) - (left->index < right->index);
}

static void sort_into_groups(struct check_stream *stream, struct group_entry *entries,
                             size_t n)
{
    struct group_progress *group = NULL;
    qsort(entries, n, sizeof *entries, compare_group_entries);
    for (size_t i = 0; i < n; i++) {
        if (!group || compare_groups(group->group, entries[i].group) != 0) {
            group = &stream->groups[stream->n_groups++];
            group->group = entries[i].group;
            group->members = &stream->members[i];
        }
        group->members[group->n++] = entries[i].index;
        stream->group_of[entries[i].index] = stream->n_groups - 1;
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
    AUTO(free) struct group_entry *entries = memory_array(n, sizeof *entries);
    if (stream && entries) {
        stream->results = memory_array(n, sizeof *stream->results);
        stream->waiting = memory_array(n, sizeof *stream->waiting);
        stream->groups = memory_array(n, sizeof *stream->groups);
        stream->ready = memory_array(n, sizeof *stream->ready);
        stream->members = memory_array(n, sizeof *stream->members);
        stream->group_of = memory_array(n, sizeof *stream->group_of);
    }
    if (!stream || !entries || !stream->results || !stream->waiting ||
        !stream->groups || !stream->ready || !stream->members || !stream->group_of) {
        error_memory(ret_error);
        return NULL;
    }
    stream->fleet = fleet;
    stream->options = options;
    stream->waits = waits;
    stream->sink = sink;
    for (size_t i = 0; i < n; i++)
        entries[i] = (struct group_entry){pgcensus_fleet_node(fleet, i)->group, i};
    sort_into_groups(stream, entries, n);
    return take_ptr(stream);
}

void check_stream_free(struct check_stream *stream)
{
    if (!stream)
        return;
    free(stream->results);
    free(stream->waiting);
    free(stream->groups);
    free(stream->ready);
    free(stream->members);
    free(stream->group_of);
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

static bool judge_results(const struct check_stream *stream,
                          struct pgcensus_node_result *const *results, size_t n,
                          struct pgcensus_error *ret_error)
{
    AUTO(pgcensus_verdict_free)
    struct pgcensus_verdict *verdict =
        pgcensus_verdict_new(stream->fleet, results, n, stream->options, ret_error);
    return verdict != NULL;
}

/* ---- standbys ---- */

/* The last of a group has come: now those that waited can be measured. */
static bool judge_complete_group(struct check_stream *stream,
                                 const struct group_progress *group,
                                 struct pgcensus_error *ret_error)
{
    AUTO(free)
    struct pgcensus_node_result **results = memory_array(group->n, sizeof *results);
    if (!results)
        return error_memory(ret_error);
    for (size_t i = 0; i < group->n; i++)
        results[i] = &stream->results[group->members[i]];
    return judge_results(stream, results, group->n, ret_error);
}

/* A group in which no node waits is not judged again. */
static void finish(struct check_stream *stream, struct group_progress *group)
{
    bool has_waiting = false;
    for (size_t i = 0; i < group->n && !has_waiting; i++)
        has_waiting = stream->waiting[group->members[i]];
    if (has_waiting)
        stream->ready[stream->n_ready++] = group;
}

/* Writes some lines of a group that was judged; *ret_done: they were the last ones. */
static bool write_some(struct check_stream *stream, struct group_progress *group,
                       bool *ret_done, struct pgcensus_error *ret_error)
{
    for (int n = 0; n < LINES_A_TURN && group->n_told < group->n;) {
        size_t index = group->members[group->n_told++];
        if (!stream->waiting[index])
            continue;
        if (!write_line(stream, &stream->results[index], ret_error))
            return false;
        n++;
    }
    *ret_done = group->n_told == group->n;
    return true;
}

bool check_stream_work(void *context, bool *ret_more, struct pgcensus_error *ret_error)
{
    struct check_stream *stream = context;
    bool is_done = false;
    if (stream->n_done == stream->n_ready)
        return true;
    struct group_progress *group = stream->ready[stream->n_done];
    if (!group->is_judged && !judge_complete_group(stream, group, ret_error))
        return false;
    if (group->is_judged && !write_some(stream, group, &is_done, ret_error))
        return false;
    group->is_judged = true;
    stream->n_done += is_done;
    *ret_more = stream->n_done < stream->n_ready;
    return true;
}

bool check_stream_arrived(void *context, const struct pgcensus_node_result *result,
                          bool left_out, struct pgcensus_error *ret_error)
{
    struct check_stream *stream = context;
    struct group_progress *group = &stream->groups[stream->group_of[result->index]];
    struct pgcensus_node_result copy = *result, *alone = &copy;
    bool may_be_behind =
        stream->waits && !result->failed && result->role != PGCENSUS_PRIMARY;

    stream->results[result->index] = *result;
    stream->waiting[result->index] = may_be_behind && !left_out;
    group->n_arrived++;
    if (!may_be_behind && !left_out &&
        !(judge_results(stream, &alone, 1, ret_error) &&
          write_line(stream, &copy, ret_error)))
        return false;
    if (stream->waits && group->n_arrived == group->n)
        finish(stream, group);
    return true;
}

/* A line is a verdict and is never taken back.  What a node says of itself is final
 * when it arrives.  How far a standby is behind is known when the last node of its
 * group is there, since any of them may be its primary; so only standbys wait for their
 * group.
 *
 * Results stay where the round keeps them, which judges all of them once more at its
 * end; a line is written from a copy that lasts as long as the line.
 *
 * Other nodes answer meanwhile, and judging and writing a large group at once would
 * make them late.  So a group that is complete is judged in one turn of its own, and
 * its lines are written a few at a time, with a turn of the fleet in between. */
#include "cli/check/check_stream.h"

#include "base/error.h"
#include "base/memory.h"
#include "cli/shared/option_words.h"
#include "report/check.h"

#include <stdlib.h>
#include <string.h>

AUTO_DEFINE(struct pgcensus_verdict *, pgcensus_verdict_free)

enum { LINES_A_TURN = 64 };

/* A group that is complete. */
struct group_lines {
    const size_t *members; /* of the tracker */
    size_t n, n_told;      /* members that have had their line, or need none any more */
    struct pgcensus_verdict *verdict; /* NULL: not judged yet, or all is told */
};

struct check_stream {
    const struct pgcensus_fleet *fleet;
    const struct pgcensus_verdict_options *options;
    struct sink *sink;
    bool waits;

    struct pgcensus_group_tracker *tracker;
    const struct pgcensus_node_result **results; /* by index; NULL: not there yet */
    bool *waiting;             /* by index: has no line yet, but gets one */
    struct group_lines *ready; /* groups of which some wait; by arrival … */
    size_t n_ready, n_done;    /* … and how many of them are told */
};

struct check_stream *check_stream_new(const struct pgcensus_fleet *fleet,
                                      const struct pgcensus_verdict_options *options,
                                      bool waits, struct sink *sink,
                                      struct pgcensus_error *ret_error)
{
    size_t n = pgcensus_fleet_size(fleet);
    AUTO(check_stream_free)
    struct check_stream *stream = memory_new(struct check_stream);
    if (stream) {
        stream->tracker = pgcensus_group_tracker_new(fleet, ret_error);
        stream->results = memory_array(n, sizeof *stream->results);
        stream->waiting = memory_array(n, sizeof *stream->waiting);
        stream->ready = memory_array(n, sizeof *stream->ready);
    }
    if (!stream || !stream->tracker || !stream->results || !stream->waiting ||
        !stream->ready) {
        error_memory(ret_error);
        return NULL;
    }
    stream->fleet = fleet;
    stream->options = options;
    stream->waits = waits;
    stream->sink = sink;
    return take_ptr(stream);
}

void check_stream_free(struct check_stream *stream)
{
    if (!stream)
        return;
    for (size_t i = stream->n_done; i < stream->n_ready; i++)
        pgcensus_verdict_free(stream->ready[i].verdict);
    pgcensus_group_tracker_free(stream->tracker);
    free(stream->results);
    free(stream->waiting);
    free(stream->ready);
    free(stream);
}

/* ---- lines ---- */

static bool stream_line(struct check_stream *stream,
                        const struct pgcensus_node_verdict *verdict,
                        struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf line = BUF_INIT;
    struct pgcensus_node_result judged = *stream->results[verdict->index];
    pgcensus_verdict_apply(verdict, &judged);
    option_words_result(&judged);
    check_json_line(stream->fleet, &judged, &line);
    if (line.broken)
        return error_memory(ret_error);
    if (sink_write(stream->sink, line.bytes, line.len) && sink_flush(stream->sink))
        return true;
    return sink_commit(stream->sink, ret_error); /* only to learn what went wrong */
}

static bool write_alone(struct check_stream *stream, size_t index,
                        struct pgcensus_error *ret_error)
{
    AUTO(pgcensus_verdict_free)
    struct pgcensus_verdict *verdict = pgcensus_judge(
        stream->fleet, &stream->results[index], 1, stream->options, ret_error);
    return verdict && stream_line(stream, &verdict->nodes[0], ret_error);
}

/* ---- standbys ---- */

/* The last of a group has come: now those that waited can be measured. */
static bool judge_lines(struct check_stream *stream, struct group_lines *group,
                        struct pgcensus_error *ret_error)
{
    AUTO(free)
    const struct pgcensus_node_result **results =
        memory_array(group->n, sizeof *results);
    if (!results)
        return error_memory(ret_error);
    for (size_t i = 0; i < group->n; i++)
        results[i] = stream->results[group->members[i]];
    group->verdict =
        pgcensus_judge(stream->fleet, results, group->n, stream->options, ret_error);
    return group->verdict;
}

/* Whether that is worth it: most nodes have had their line by then. */
static void add_ready(struct check_stream *stream, size_t index)
{
    struct group_lines group = {.n_told = 0};
    bool has_waiting = false;
    group.members = pgcensus_group_tracker_members(stream->tracker, index, &group.n);
    for (size_t i = 0; i < group.n && !has_waiting; i++)
        has_waiting = stream->waiting[group.members[i]];
    if (has_waiting)
        stream->ready[stream->n_ready++] = group;
}

/* Some lines of a group that was judged; *ret_done: they were the last ones. */
static bool write_some(struct check_stream *stream, struct group_lines *group,
                       bool *ret_done, struct pgcensus_error *ret_error)
{
    for (int n = 0; n < LINES_A_TURN && group->n_told < group->n;) {
        size_t i = group->n_told++;
        if (!stream->waiting[group->members[i]])
            continue;
        if (!stream_line(stream, &group->verdict->nodes[i], ret_error))
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
    struct group_lines *group = &stream->ready[stream->n_done];
    if (!group->verdict ? !judge_lines(stream, group, ret_error)
                        : !write_some(stream, group, &is_done, ret_error))
        return false;
    if (is_done) {
        pgcensus_verdict_free(group->verdict);
        stream->n_done++;
    }
    *ret_more = stream->n_done < stream->n_ready;
    return true;
}

bool check_stream_arrived(void *context, const struct pgcensus_node_result *result,
                          bool left_out, struct pgcensus_error *ret_error)
{
    struct check_stream *stream = context;
    size_t index = result->index;
    bool may_be_behind =
        stream->waits && !result->failed && result->role != PGCENSUS_PRIMARY;

    stream->results[index] = result;
    stream->waiting[index] = may_be_behind && !left_out;
    if (!may_be_behind && !left_out && !write_alone(stream, index, ret_error))
        return false;
    if (stream->waits && pgcensus_group_tracker_note(stream->tracker, index))
        add_ready(stream, index);
    return true;
}

/* How much is done between two turns of the fleet, while lines of `check --ndjson` are
 * written.  This file plays the fleet, the judge and the report: standbys of one group
 * arrive, and nodes of another one that are slow after them. */
#include "cli/check/check_loop.h"
#include "cli/check/check_stream.h"

#include "report/check.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

enum { STANDBYS = 1000, SLOW = 4, NODES = STANDBYS + SLOW };
/* The whole group at once would be a thousand. */
enum { MOST_LINES_A_TURN = 100, LONG = 40 };

struct pgcensus_fleet {
    struct pgcensus_identity identities[NODES];
};

struct pgcensus_check {
    size_t n_taken;
    struct pgcensus_node_result result;
};

/* What the round has done. */
static struct {
    size_t silence; /* ticks before the round ends, once all have come */
    size_t n_lines, n_groups_judged;
    size_t lines_before, groups_before; /* at the last turn of the fleet */
    size_t most_lines, most_beside_a_judgement;
    size_t lines_when_slow_came;
    size_t n_waits;            /* the fleet was waited for … */
    size_t n_waits_with_lines; /* … although lines were left */
    unsigned char lines[NODES];
} seen;

/* ---- the engine ---- */

size_t pgcensus_fleet_size(const struct pgcensus_fleet *fleet)
{
    return NODES;
}

const struct pgcensus_identity *pgcensus_fleet_node(const struct pgcensus_fleet *fleet,
                                                    size_t index)
{
    return &fleet->identities[index];
}

struct pgcensus_check *
pgcensus_check_start(struct pgcensus_fleet *fleet,
                     const struct pgcensus_check_options *options,
                     struct pgcensus_error *ret_error)
{
    static struct pgcensus_check check;
    check = (struct pgcensus_check){.n_taken = 0};
    return &check;
}

void pgcensus_check_stop(struct pgcensus_check *check, const char *reason)
{
}

void pgcensus_check_free(struct pgcensus_check *check)
{
}

static size_t most(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void look_at_what_was_done(size_t n_arrived, nsec max_wait)
{
    size_t lines = seen.n_lines - seen.lines_before;
    size_t groups = seen.n_groups_judged - seen.groups_before;
    seen.most_lines = most(seen.most_lines, lines);
    if (groups > 0)
        seen.most_beside_a_judgement = most(seen.most_beside_a_judgement, lines);
    if (max_wait > 0 && n_arrived >= STANDBYS) {
        seen.n_waits++;
        seen.n_waits_with_lines += seen.n_lines < n_arrived;
    }
    seen.lines_before = seen.n_lines;
    seen.groups_before = seen.n_groups_judged;
}

/* The slow ones arrive in one turn each, right behind the group. */
enum pgcensus_turn pgcensus_check_next(struct pgcensus_check *check, nsec max_wait,
                                       const struct pgcensus_node_result **ret_result)
{
    size_t i = check->n_taken;
    look_at_what_was_done(i, max_wait);
    if (i == NODES)
        return seen.silence-- > 0 ? PGCENSUS_TURN_TICK : PGCENSUS_TURN_END;
    if (i == NODES - 1)
        seen.lines_when_slow_came = seen.n_lines;
    check->n_taken++;
    check->result = (struct pgcensus_node_result){
        .index = i, .status = PGCENSUS_OK, .attempted = true, .role = PGCENSUS_STANDBY};
    if (i >= STANDBYS)
        check->result.role = PGCENSUS_PRIMARY;
    *ret_result = &check->result;
    return PGCENSUS_TURN_NODE;
}

struct pgcensus_verdict *
pgcensus_judge(const struct pgcensus_fleet *fleet,
               const struct pgcensus_node_result *const *results, size_t n,
               const struct pgcensus_verdict_options *options,
               struct pgcensus_error *ret_error)
{
    struct pgcensus_verdict *verdict = calloc(1, sizeof *verdict);
    struct pgcensus_node_verdict *nodes = calloc(n, sizeof *nodes);
    assert_true(verdict && nodes);
    seen.n_groups_judged += n > 1;
    for (size_t i = 0; i < n; i++)
        nodes[i].index = results[i]->index;
    verdict->nodes = nodes;
    return verdict;
}

void pgcensus_verdict_apply(const struct pgcensus_node_verdict *node,
                            struct pgcensus_node_result *result)
{
    assert_int_equal(node->index, result->index);
}

void pgcensus_verdict_free(struct pgcensus_verdict *verdict)
{
    if (verdict)
        free((void *)verdict->nodes);
    free(verdict);
}

void check_json_line(const struct pgcensus_fleet *fleet,
                     const struct pgcensus_node_result *result, struct buf *out)
{
    seen.n_lines++;
    seen.lines[result->index]++;
    buf_add_str(out, "{}\n");
}

/* ---- a round ---- */

static struct pgcensus_fleet fleet;

static void run_a_round(size_t silence)
{
    struct pgcensus_error error;
    struct signals signals = {.wake_fd = -1};
    const struct process process = {.signals = &signals};
    const struct output_options output = {.quiet = true};
    const struct pgcensus_verdict_options rules = {.recall = NULL};
    memset(&seen, 0, sizeof seen);
    seen.silence = silence;
    for (size_t i = 0; i < NODES; i++)
        fleet.identities[i].group = i < STANDBYS ? "many" : "slow";

    AUTO(sink_free) struct sink *sink = sink_open("/dev/null", &error);
    assert_non_null(sink);
    AUTO(check_stream_free)
    struct check_stream *stream = check_stream_new(&fleet, &rules, true, sink, &error);
    assert_non_null(stream);
    const struct check_loop_options options = {
        .arrived = check_stream_arrived, .work = check_stream_work, .context = stream};
    const struct fleet_session session = {&process, &output, &fleet, NULL};
    AUTO(check_outcome_fini) struct check_outcome outcome = {0};
    assert_true(check_loop_run(&session, &options, &outcome, &error));
    assert_int_equal(outcome.n_results, NODES);
}

static void every_node_has_one_line(void **state)
{
    for (size_t silence = 0; silence <= LONG; silence += LONG) {
        run_a_round(silence); /* it may end while lines are left */
        assert_int_equal(seen.n_lines, NODES);
        for (size_t i = 0; i < NODES; i++)
            assert_int_equal(seen.lines[i], 1);
        assert_int_equal(seen.n_groups_judged, 1);
    }
}

static void the_fleet_has_turns_between_lines(void **state)
{
    run_a_round(LONG);
    assert_true(seen.most_lines <= MOST_LINES_A_TURN);
    assert_int_equal(seen.most_beside_a_judgement, 0);
}

static void slow_nodes_are_taken_before_all_lines_are_written(void **state)
{
    run_a_round(LONG);
    assert_true(seen.lines_when_slow_came < STANDBYS);
}

static void lines_do_not_wait_for_the_fleet(void **state)
{
    run_a_round(LONG);
    assert_int_equal(seen.n_waits_with_lines, 0);
    assert_true(seen.n_waits > 0); /* once all are written it is waited for again */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_node_has_one_line),
        cmocka_unit_test(the_fleet_has_turns_between_lines),
        cmocka_unit_test(slow_nodes_are_taken_before_all_lines_are_written),
        cmocka_unit_test(lines_do_not_wait_for_the_fleet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

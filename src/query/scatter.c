/* Who is asked when.
 *
 * The scatter is a task: each time it is stepped it begins as many questions as the
 * pace allows, in inventory order, and looks at those that are done.  With a canary,
 * and when any node will do, one is under way at a time until one has answered; any
 * node is the one whose turn it is, or else one of the others.
 *
 * Invariant: each node is in exactly one place: not begun, under way, parked, settled,
 * or taken.
 *
 * The surprise: a question that failed for want of descriptors or memory of ours says
 * nothing about its node.  It is parked and begun again a moment later, a few times, so
 * that a burst of answers, each of which may need descriptors of its own, is no failure
 * of anybody. */
#include "query/scatter_private.h"

#include "base/memory.h"
#include "base/quantity.h"
#include "base/text.h"
#include "fleet/descriptors.h"
#include "health/pace.h"

#include <stdint.h>

/* How soon to ask again when the pace says: not now; and how long it may say so. */
#define BREATH NSEC_PER_MSEC
#define PATIENCE (5 * NSEC_PER_MSEC)
/* How long a shortage of ours gets to pass, and how often. */
#define PARKING (50 * NSEC_PER_MSEC)
enum { MOST_PARKINGS = 3 };

/* Rows that wait for a slow reader: a few megabytes in all, however many nodes. */
enum { ALL_BATCHES = 8 << 20, LARGEST_BATCH = 256 << 10, SMALLEST_BATCH = 4 << 10 };

static size_t batch_size(unsigned jobs, size_t n_nodes)
{
    size_t at_once = jobs < n_nodes ? jobs : n_nodes;
    size_t size = ALL_BATCHES / (at_once ? at_once : 1);
    if (size > LARGEST_BATCH)
        return LARGEST_BATCH;
    return size > SMALLEST_BATCH ? size : SMALLEST_BATCH;
}

static void scatter_step(struct task *task, short revents, nsec now);

struct scatter *scatter_new(struct engine *engine,
                            const struct pgcensus_query_options *options, nsec now)
{
    AUTO(scatter_free) struct scatter *scatter = memory_new(struct scatter);
    if (!scatter)
        return NULL;
    scatter->engine = engine;
    task_init(&scatter->task, scatter_step);
    reader_init(scatter);
    question_group_init(&scatter->group, &scatter->task);
    list_init(&scatter->parked);
    list_init(&scatter->settled);
    scatter->jobs = descriptors_jobs(options->jobs);
    nsec since = options->since ? options->since - loop_lost(engine->home.loop) : now;
    scatter->deadline = options->deadline ? clock_add(since, options->deadline) : NEVER;
    scatter->alone = options->any || options->canary;
    scatter->roster = engine_roster(engine);
    size_t n = scatter->roster->n;
    scatter->first = options->any && n ? engine->turn_of_any++ % n : 0;
    scatter->plan = (struct plan){
        .options = options,
        .batch = options->streams ? batch_size(scatter->jobs, n) : 0,
        .check = options->healthy || options->any,
        .ask_role =
            options->healthy || options->any || options->role != PGCENSUS_ROLE_UNKNOWN,
        .envelope = ENVELOPE_MEMO_INIT,
    };
    scatter->seats = memory_array(n, sizeof *scatter->seats);
    if (!scatter->seats || !share_init(scatter) ||
        !loop_add(engine->home.loop, &scatter->task) ||
        !loop_add(engine->home.loop, &scatter->reader))
        return NULL;
    for (size_t i = 0; i < n; i++)
        scatter->n_taken += scatter->seats[i].taken =
            node_is_vacant(scatter_node(scatter, i));
    return take_ptr(scatter);
}

static void free_question(struct question *question)
{
    if (question)
        question_fini(question);
    free(question);
}

void scatter_free(struct scatter *scatter)
{
    if (!scatter)
        return;
    nsec now = engine_now(scatter->engine);
    list_each (&scatter->group.under_way, link, after)
        question_end(question_of(link), PGCENSUS_CLASS_CANCELLED, "not wanted any more",
                     now);
    for (size_t i = 0; scatter->seats && i < scatter->roster->n; i++) {
        free_question(scatter->seats[i].question);
        rowset_free(scatter->seats[i].shape);
        pgcensus_notices_fini(&scatter->seats[i].notices);
    }
    loop_remove(&scatter->task);
    loop_remove(&scatter->reader);
    share_fini(scatter);
    buf_fini(&scatter->plan.envelope.sql);
    free(scatter->seats);
    engine_leave(scatter->engine, scatter->roster);
    free(scatter);
}

/* ---- beginning ---- */

static void begin(struct scatter *scatter, struct question *question, size_t at,
                  nsec now)
{
    question_begin(question, scatter_node(scatter, at), &scatter->engine->home,
                   &scatter->group, &scatter->plan, now);
}

static bool begin_parked(struct scatter *scatter, nsec now)
{
    struct list_node *link = list_first(&scatter->parked);
    if (!link || now < scatter->parked_until)
        return false;
    struct question *question = question_of(link);
    list_remove(&scatter->parked, link);
    question_fini(question); /* what it had come to */
    begin(scatter, question, question->node->index, now);
    return true;
}

static bool is_open(const struct scatter *scatter, size_t at)
{
    const struct seat *seat = &scatter->seats[at];
    return scatter_node(scatter, at)->options.identity.enabled && !seat->question &&
           !seat->settled;
}

/* Whose turn it is, then one of the others by chance: were it the next one, it would
 * have the share of whoever is down before it as well. */
static size_t next_of_any(struct scatter *scatter)
{
    size_t n = scatter->roster->n, n_open = 0, at = scatter->first;
    bool is_first = scatter->n_begun == 0 && n > 0;
    for (size_t i = 0; i < n; i++)
        n_open += is_open(scatter, i);
    if (n_open == 0) {
        scatter->n_begun = n;
        return SIZE_MAX;
    }
    scatter->n_begun++;
    if (is_first && is_open(scatter, at))
        return at;
    size_t left = rng_below(&scatter->engine->home.rng, n_open);
    for (at = 0; !is_open(scatter, at) || left-- > 0;)
        at++;
    return at;
}

/* The next node that is enabled; SIZE_MAX behind the last. */
static size_t next_node(struct scatter *scatter)
{
    size_t n = scatter->roster->n;
    if (scatter->plan.options->any)
        return next_of_any(scatter);
    while (scatter->n_begun < n) {
        size_t at = scatter->n_begun++;
        if (scatter_node(scatter, at)->options.identity.enabled)
            return at;
    }
    return SIZE_MAX;
}

static bool begin_newcomer(struct scatter *scatter, nsec now)
{
    size_t before = scatter->n_begun, at = next_node(scatter);
    if (at == SIZE_MAX)
        return false;
    struct question *question = memory_new(struct question);
    if (question) {
        scatter->seats[at].question = question;
        begin(scatter, question, at, now);
        return true;
    }
    scatter->n_begun = before;
    if (scatter->group.under_way.n == 0)
        scatter_stop(scatter, PGCENSUS_CLASS_LOCAL, "out of memory", now);
    return false;
}

bool scatter_has_place(const struct scatter *scatter)
{
    size_t places = scatter->alone ? 1 : scatter->jobs;
    return scatter->group.under_way.n + scatter->parked.n < places;
}

/* Whoever is parked keeps his place, or others that wait for his rows to come out first
 * would wait for ever.  False: nobody may begin now. */
static bool begin_one(struct scatter *scatter, nsec now)
{
    return begin_parked(scatter, now) ||
           (scatter_has_place(scatter) && begin_newcomer(scatter, now));
}

static unsigned allowed(struct scatter *scatter, nsec now)
{
    unsigned under_way = (unsigned)scatter->group.under_way.n;
    if (scatter->alone)
        return under_way == 0;
    if (under_way >= scatter->jobs)
        return 0;
    struct pace_options pace = {.in_flight_max = scatter->jobs};
    unsigned n = pace_allow(&pace, under_way, engine_lag(scatter->engine, now));
    return !n && now - scatter->started >= PATIENCE ? 1 : n;
}

static void begin_some(struct scatter *scatter, nsec now)
{
    unsigned n = allowed(scatter, now);
    for (unsigned i = 0; i < n; i++)
        if (!begin_one(scatter, now))
            break;
    if (n)
        scatter->started = now;
    bool more = scatter->n_begun < scatter->roster->n;
    if (more && scatter_has_place(scatter))
        scatter->task.deadline = clock_add(now, n ? 0 : BREATH);
    nsec parked_until = clock_add(now, BREATH);
    if (parked_until < scatter->parked_until)
        parked_until = scatter->parked_until;
    if (scatter->parked.n > 0 && parked_until < scatter->task.deadline)
        scatter->task.deadline = parked_until;
}

/* ---- what becomes of those that are done ---- */

static void end(struct scatter *scatter, enum pgcensus_class error_class,
                const char *reason)
{
    scatter->ended = true;
    scatter->ended_class = error_class;
    text_copy(scatter->reason, sizeof scatter->reason, reason);
}

static const char *name_of(const struct question *question)
{
    return question->node->options.identity.name;
}

static void stop_after(struct scatter *scatter, const struct question *question,
                       const char *format, nsec now)
{
    AUTO(buf_fini) struct buf reason = BUF_INIT;
    buf_add_format(&reason, "%s: %s failed", format, name_of(question));
    scatter_stop(scatter, PGCENSUS_CLASS_CANCELLED, reason.bytes, now);
}

/* A write is never sent twice, not even to somebody else. */
static bool may_have_written(const struct scatter *scatter,
                             const struct pgcensus_query_result *result)
{
    return scatter->plan.options->write && result->sent;
}

/* Whether one of `any` has spoken for all: it answered, or said that the statement is
 * wrong, or nobody knows what it has written. */
static bool speaks_for_all(const struct scatter *scatter,
                           const struct pgcensus_query_result *result)
{
    if (may_have_written(scatter, result))
        return true;
    switch (result->status) {
    case PGCENSUS_QUERY_OK:
    case PGCENSUS_QUERY_PARTIAL:
        return true;
    case PGCENSUS_QUERY_FAILED:
        return result->failure.error_class == PGCENSUS_CLASS_QUERY;
    case PGCENSUS_QUERY_SKIPPED:
    case PGCENSUS_QUERY_DISABLED:
    case PGCENSUS_QUERY_LEFT_OUT:
        break;
    }
    return false;
}

static void draw_conclusions(struct scatter *scatter, const struct question *question,
                             nsec now)
{
    const struct pgcensus_query_options *options = scatter->plan.options;
    const struct pgcensus_query_result *result = &question->result;
    bool done = options->write && result->truncated && *result->command;
    bool failed = result->status == PGCENSUS_QUERY_FAILED ||
                  (result->status == PGCENSUS_QUERY_PARTIAL && !done);
    if (options->any && speaks_for_all(scatter, result)) {
        end(scatter, PGCENSUS_CLASS_NONE, "");
    } else if (options->canary && scatter->alone && !options->any) {
        if (failed)
            stop_after(scatter, question, "not asked, as the canary", now);
        else if (result->status == PGCENSUS_QUERY_OK || done)
            scatter->alone = false;
    }
    if (options->fail_fast && failed && !scatter->ended)
        stop_after(scatter, question, "stopped, as --fail-fast says", now);
}

static void settle(struct scatter *scatter, struct question *question, nsec now)
{
    struct seat *seat = &scatter->seats[question->node->index];
    const struct pgcensus_query_result *result = &question->result;
    bool lacking = result->failed && result->n_rows == 0 &&
                   !question->attempt.claim.starved &&
                   result->failure.error_class == PGCENSUS_CLASS_LOCAL &&
                   !may_have_written(scatter, result);
    if (lacking && !scatter->ended && seat->parkings < MOST_PARKINGS) {
        seat->parkings++;
        scatter->parked_until = clock_add(now, PARKING);
        list_push_back(&scatter->parked, &question->link);
        return;
    }
    seat->settled = true;
    share_settle(scatter, seat);
    list_push_back(&scatter->settled, &question->link);
    if (!scatter->ended)
        draw_conclusions(scatter, question, now);
}

static void settle_finished(struct scatter *scatter, nsec now)
{
    share_collect(scatter);
    for (struct list_node *link;
         scatter->ended && (link = list_first(&scatter->parked));) {
        list_remove(&scatter->parked, link);
        list_push_back(&scatter->group.finished, link);
    }
    for (struct list_node *link; (link = list_first(&scatter->group.finished));) {
        list_remove(&scatter->group.finished, link);
        settle(scatter, question_of(link), now);
    }
}

void scatter_stop(struct scatter *scatter, enum pgcensus_class error_class,
                  const char *reason, nsec now)
{
    if (scatter->ended)
        return;
    end(scatter, error_class, reason);
    list_each (&scatter->group.under_way, link, after)
        question_end(question_of(link), error_class, reason, now);
    settle_finished(scatter, now);
}

/* The deadline of everything: whoever is being asked has used up his time, and whoever
 * was not never had any. */
static void strike(struct scatter *scatter, nsec now)
{
    AUTO(buf_fini) struct buf why = BUF_INIT;
    buf_add_str(&why, "the whole run may take ");
    quantity_format_duration(scatter->plan.options->deadline, &why);
    end(scatter, PGCENSUS_CLASS_CANCELLED, "not started before the deadline");
    list_each (&scatter->group.under_way, link, after)
        question_strike(question_of(link), why.bytes, now);
    settle_finished(scatter, now);
}

static void scatter_step(struct task *task, short revents, nsec now)
{
    struct scatter *scatter = container_of(task, struct scatter, task);
    scatter->task.deadline = NEVER;
    settle_finished(scatter, now);
    if (scatter->ended)
        return;
    if (now >= scatter->deadline) {
        strike(scatter, now);
        return;
    }
    begin_some(scatter, now);
    if (scatter->deadline < scatter->task.deadline)
        scatter->task.deadline = scatter->deadline;
}

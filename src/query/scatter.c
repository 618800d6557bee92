/* Which node is asked when.
 *
 * The scatter is a task: each time it is stepped it begins as many questions as its
 * launcher allows, in inventory order, and looks at those that are done.  With a
 * canary, and when any node will do, one is under way at a time until one has answered;
 * any node is the one whose turn it is, or else one of the others.
 *
 * Invariant: each node is in exactly one place: not begun, in one of the launcher's
 * lists, settled, or taken.
 *
 * Where answers come out in inventory order, nodes keep their jobs until those before
 * them are out.  So a deferred question keeps its place there, and begins although
 * there is no room if the output stands still because of it. */
#include "query/scatter_private.h"

#include "base/memory.h"
#include "base/quantity.h"
#include "base/text.h"

#include <stdint.h>

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
    list_init(&scatter->settled);
    launch_init(&scatter->launch, engine, &scatter->task, options->jobs);
    scatter->launch.one_by_one = options->any || options->canary;
    scatter->launch.keeps_places = scatter->launch.one_by_one || options->in_order;
    nsec since = options->since ? options->since - loop_lost(engine->home.loop) : now;
    scatter->deadline = options->deadline ? clock_add(since, options->deadline) : NEVER;
    scatter->roster = engine_roster(engine);
    size_t n = scatter->roster->n;
    scatter->first = options->any && n ? engine->turn_of_any++ % n : 0;
    scatter->plan = (struct plan){
        .options = options,
        .batch = options->streams ? batch_size(scatter->launch.jobs, n) : 0,
        .check = options->healthy || options->any,
        .ask_role =
            options->healthy || options->any || options->role != PGCENSUS_ROLE_UNKNOWN,
        .envelope = ENVELOPE_MEMO_INIT,
    };
    list_init(&scatter->plan.offering);
    scatter->slots = memory_array(n, sizeof *scatter->slots);
    if (!scatter->slots || !share_init(scatter) ||
        !loop_add(engine->home.loop, &scatter->task) ||
        !loop_add(engine->home.loop, &scatter->reader))
        return NULL;
    for (size_t i = 0; i < n; i++)
        scatter->n_taken += scatter->slots[i].taken =
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
    list_each (&scatter->launch.under_way, link, after)
        question_end(question_at(link), PGCENSUS_CLASS_CANCELLED, PGCENSUS_SUBJECT_NONE,
                     "not wanted any more", now);
    for (size_t i = 0; scatter->slots && i < scatter->roster->n; i++) {
        free_question(scatter->slots[i].question);
        rowset_free(scatter->slots[i].shape);
        pgcensus_notices_fini(&scatter->slots[i].notices);
    }
    loop_remove(&scatter->task);
    loop_remove(&scatter->reader);
    share_fini(scatter);
    buf_fini(&scatter->plan.envelope.sql);
    free(scatter->slots);
    engine_leave(scatter->engine, scatter->roster);
    free(scatter);
}

/* ---- beginning ---- */

static void begin(struct scatter *scatter, struct question *question, size_t at,
                  nsec now)
{
    question_begin(question, scatter_node(scatter, at), &scatter->engine->home,
                   &scatter->launch, &scatter->plan, now);
}

static void begin_again(struct scatter *scatter, struct question *question, nsec now)
{
    question_fini(question); /* what it had come to */
    begin(scatter, question, question->node->index, now);
}

static bool begin_deferred(struct scatter *scatter, nsec now)
{
    struct launch_entry *entry = launch_next_deferred(&scatter->launch, now);
    if (entry)
        begin_again(scatter, question_of(entry), now);
    return entry;
}

static bool is_open(const struct scatter *scatter, size_t at)
{
    const struct query_slot *slot = &scatter->slots[at];
    return scatter_node(scatter, at)->options.identity.enabled && !slot->question &&
           !slot->settled;
}

/* The node whose turn it is, then one of the others by chance.  If it were the next one
 * in order, the successor of a dead node would have twice the load. */
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
        scatter->slots[at].question = question;
        begin(scatter, question, at, now);
        return true;
    }
    scatter->n_begun = before;
    if (!launch_shrink(&scatter->launch))
        scatter_stop(scatter, PGCENSUS_CLASS_LOCAL, PGCENSUS_SUBJECT_NONE,
                     "out of memory", now);
    return false;
}

/* False: none may begin now. */
static bool begin_one(struct scatter *scatter, nsec now)
{
    bool has_place = launch_has_place(&scatter->launch);
    if (scatter->launch.keeps_places)
        return begin_deferred(scatter, now) ||
               (has_place && begin_newcomer(scatter, now));
    return (has_place && begin_newcomer(scatter, now)) || begin_deferred(scatter, now);
}

static struct question *deferred_at(const struct scatter *scatter, size_t at)
{
    struct question *question =
        at < scatter->roster->n ? scatter->slots[at].question : NULL;
    return question && question->entry.is_deferred ? question : NULL;
}

/* A deferred question that the output waits for: its rows, or only their columns. */
static struct question *find_urgent(const struct scatter *scatter)
{
    if (!scatter->plan.options->in_order)
        return NULL;
    struct question *head = deferred_at(scatter, scatter->head);
    return head ? head : deferred_at(scatter, scatter->known);
}

static void begin_some(struct scatter *scatter, nsec now)
{
    struct launch *launch = &scatter->launch;
    struct question *urgent = find_urgent(scatter);
    if (urgent && launch_take_deferred(launch, &urgent->entry, now))
        begin_again(scatter, urgent, now);
    unsigned n = launch_allow(launch, /* due= */ NEVER, now);
    while (n > 0 && begin_one(scatter, now))
        n--;
    bool more = !scatter->ended && scatter->n_begun < scatter->roster->n;
    scatter->task.deadline = launch_again(launch, more, now);
    urgent = find_urgent(scatter);
    if (urgent && urgent->entry.ready < scatter->task.deadline)
        scatter->task.deadline = urgent->entry.ready;
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
                       enum pgcensus_subject subject, const char *format, nsec now)
{
    AUTO(buf_fini) struct buf reason = BUF_INIT;
    buf_add_format(&reason, "%s: %s failed", format, name_of(question));
    scatter_stop(scatter, PGCENSUS_CLASS_CANCELLED, subject, reason.bytes, now);
}

/* Whether one of `any` has spoken for all: it answered, or said that the statement is
 * wrong, or it may have written, which is never sent to another node as well. */
static bool speaks_for_all(const struct scatter *scatter,
                           const struct pgcensus_query_result *result)
{
    if (scatter->plan.options->write && result->sent)
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

/* The canary is well. */
static void launch_many(struct scatter *scatter)
{
    scatter->launch.one_by_one = false;
    scatter->launch.keeps_places = scatter->plan.options->in_order;
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
    } else if (options->canary && scatter->launch.one_by_one && !options->any) {
        if (failed)
            stop_after(scatter, question, PGCENSUS_SUBJECT_NONE,
                       "not asked, as the canary", now);
        else if (result->status == PGCENSUS_QUERY_OK || done)
            launch_many(scatter);
    }
    if (options->fail_fast && failed && !scatter->ended)
        stop_after(scatter, question, PGCENSUS_SUBJECT_FAIL_FAST,
                   "stopped, as fail_fast says", now);
}

static void settle(struct scatter *scatter, struct question *question, nsec now)
{
    struct query_slot *slot = &scatter->slots[question->node->index];
    slot->settled = true;
    share_settle(scatter, slot);
    list_push_back(&scatter->settled, &question->entry.link);
    if (!scatter->ended)
        draw_conclusions(scatter, question, now);
}

static void settle_finished(struct scatter *scatter, nsec now)
{
    struct launch *launch = &scatter->launch;
    share_collect(scatter);
    for (struct launch_entry *entry; (entry = launch_next_finished(launch));) {
        bool lacks = !scatter->ended && question_lacks(question_of(entry));
        if (!launch_settle(launch, entry, lacks, now))
            settle(scatter, question_of(entry), now);
    }
    for (struct launch_entry *entry;
         scatter->ended && (entry = launch_drop_deferred(launch));)
        settle(scatter, question_of(entry), now);
}

void scatter_stop(struct scatter *scatter, enum pgcensus_class error_class,
                  enum pgcensus_subject subject, const char *reason, nsec now)
{
    if (scatter->ended)
        return;
    end(scatter, error_class, reason);
    scatter->ended_subject = subject;
    list_each (&scatter->launch.under_way, link, after)
        question_end(question_at(link), error_class, subject, reason, now);
    settle_finished(scatter, now);
}

/* The deadline of everything: nodes that are being asked have used up their time, and
 * the others never had any. */
static void strike(struct scatter *scatter, nsec now)
{
    AUTO(buf_fini) struct buf why = BUF_INIT;
    buf_add_str(&why, "the whole run may take ");
    quantity_format_duration(scatter->plan.options->deadline, &why);
    end(scatter, PGCENSUS_CLASS_CANCELLED, "not started before the deadline");
    list_each (&scatter->launch.under_way, link, after)
        question_strike(question_at(link), why.bytes, now);
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

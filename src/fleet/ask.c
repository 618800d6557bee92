/* One statement on one node, as a task that moves while its asker turns the loop.
 *
 * It goes through the node's pool like every query will; so two questions in a row meet
 * the same connection, and a full pool makes them wait.  There is no transaction around
 * it, so a new session is told once how long a statement may run on when it was given
 * up. */
#include "fleet/ask.h"

#include "base/error.h"
#include "fleet/attempt.h"
#include "fleet/envelope.h"

/* What an answer may hold; a query streams more. */
enum { MOST_ROWS = 100000, MOST_BYTES = 64 << 20 };

enum ask_state {
    ASK_CLAIMING, /* waits for a connection */
    ASK_LIMITING, /* the session is told how long statements may run */
    ASK_ASKING,   /* waits for the answer */
    ASK_DONE,
};

struct ask {
    struct task task;
    enum ask_state state;
    struct attempt attempt;
    struct pg_statement statement;
    nsec timeout;
    struct pgcensus_answer *answer;
};

static struct pg_conn *conn_of(const struct ask *ask)
{
    return claim_conn(&ask->attempt.claim);
}

static void ask_end(struct ask *ask, const struct pgcensus_failure *failure)
{
    ask->answer->failed = failure->error_class != PGCENSUS_CLASS_NONE;
    ask->answer->failure = *failure;
    ask->state = ASK_DONE;
}

static void fail_attempt(struct ask *ask, const struct pgcensus_failure *failure,
                         nsec now)
{
    switch (attempt_fail(&ask->attempt, failure, now)) {
    case ATTEMPT_AGAIN:
        ask->answer->latency = PGCENSUS_UNKNOWN_TIME;
        ask->state = ASK_CLAIMING;
        break;
    case ATTEMPT_LATER: /* has no retries */
    case ATTEMPT_OVER:
        ask_end(ask, failure);
        break;
    }
}

/* It may write, whatever it is. */
static void send_statement(struct ask *ask, nsec now)
{
    ask->state = ASK_ASKING;
    attempt_send_once(&ask->attempt, ask->statement, ask->timeout, now);
}

/* Another statement on the same connection may take longer. */
static nsec limit_of(const struct ask *ask)
{
    nsec usual = ask->attempt.node->options.statement.timeout;
    return (ask->timeout > usual ? ask->timeout : usual) + ENVELOPE_GRACE;
}

static void limit_session(struct ask *ask, nsec now)
{
    AUTO(buf_fini) struct buf sql = BUF_INIT;
    const struct envelope_wish wish = {.limit = limit_of(ask)};
    if (envelope_limit(&wish, ask->attempt.node, conn_of(ask), &sql) && !sql.broken) {
        ask->state = ASK_LIMITING;
        attempt_send(&ask->attempt, attempt_statement(sql.bytes), ask->timeout, now);
    } else {
        send_statement(ask, now);
    }
}

static void step_claiming(struct ask *ask, nsec now)
{
    enum claim_state state = attempt_claimed(&ask->attempt);
    if (state == CLAIM_WAITING)
        return;
    if (state == CLAIM_FAILED)
        fail_attempt(ask, &ask->attempt.claim.failure, now);
    else if (ask->attempt.claim.fresh)
        limit_session(ask, now);
    else
        send_statement(ask, now);
}

static void step_limiting(struct ask *ask, nsec now)
{
    struct pg_conn *conn = conn_of(ask);
    struct pgcensus_failure failure = *pg_conn_failure(conn);
    rowset_free(pg_conn_take_rows(conn));
    if (!pg_conn_failed(conn))
        send_statement(ask, now);
    else if (envelope_concede(ask->attempt.node, conn))
        limit_session(ask, now);
    else
        fail_attempt(ask, &failure, now);
}

static void step_asking(struct ask *ask, nsec now)
{
    struct pg_conn *conn = conn_of(ask);
    struct pgcensus_failure failure = *pg_conn_failure(conn);
    ask->answer->rows = rowset_rows(pg_conn_take_rows(conn));
    ask->answer->latency = pg_conn_timing(conn)->query;
    if (pg_conn_failed(conn))
        fail_attempt(ask, &failure, now);
    else
        ask_end(ask, &failure);
}

static void ask_step(struct task *task, short revents, nsec now)
{
    struct ask *ask = container_of(task, struct ask, task);
    switch (ask->state) {
    case ASK_CLAIMING:
        step_claiming(ask, now);
        break;
    case ASK_LIMITING:
        if (pg_conn_state(conn_of(ask)) != PG_BUSY)
            step_limiting(ask, now);
        break;
    case ASK_ASKING:
        if (pg_conn_state(conn_of(ask)) != PG_BUSY)
            step_asking(ask, now);
        break;
    case ASK_DONE:
        break;
    }
}

bool ask_node(struct engine *engine, struct node *node, const char *sql, nsec timeout,
              struct pgcensus_answer *ret_answer, struct pgcensus_error *ret_error)
{
    struct pgcensus_answer answer = {.latency = PGCENSUS_UNKNOWN_TIME};
    struct attempt_options options = {.length = timeout, .latest = NEVER};
    struct ask ask = {
        .statement = {.sql = sql,
                      .extended = true,
                      .of_user = true,
                      .max_rows = MOST_ROWS,
                      .max_bytes = MOST_BYTES},
        .timeout = timeout,
        .answer = &answer,
    };
    nsec now = engine_now(engine);
    task_init(&ask.task, ask_step);
    attempt_init(&ask.attempt, &ask.task, node, node_pool(node, &engine->home),
                 &options, now);
    if (!ask.attempt.pool || !loop_add(engine->home.loop, &ask.task))
        return error_memory(ret_error);

    attempt_begin(&ask.attempt, now);
    bool turned = true;
    while (ask.state != ASK_DONE && (turned = engine_turn(engine, NEVER)))
        ;
    attempt_release(&ask.attempt, engine_now(engine));
    loop_remove(&ask.task);
    if (!turned) {
        pgcensus_answer_fini(&answer);
        return error_memory(ret_error);
    }
    *ret_answer = answer;
    return true;
}

void pgcensus_answer_fini(struct pgcensus_answer *answer)
{
    pgcensus_rows_free(answer->rows);
    *answer = (struct pgcensus_answer){0};
}

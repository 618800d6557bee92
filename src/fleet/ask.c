/* One statement on one node, as a task that moves while its asker turns the loop.
 *
 * It goes through the node's pool like every query will; so two questions in a row meet
 * the same connection, and a full pool makes them wait.  There is no transaction around
 * it, so a new session is told once how long a statement may run on when it was given
 * up. */
#include "fleet/ask.h"

#include "base/error.h"
#include "fleet/envelope.h"
#include "pg/failure.h"

/* What an answer may hold; whoever needs more streams it. */
enum { MOST_ROWS = 100000, MOST_BYTES = 64 << 20 };

enum ask_state { ASK_CLAIMING, ASK_LIMITING, ASK_ASKING };

struct ask {
    struct task task;
    struct node *node;
    struct pool *pool;
    enum ask_state state;
    struct claim claim;
    struct pg_statement statement;
    nsec timeout, deadline;
    bool done;
    struct pgcensus_answer *answer;
};

static void ask_end(struct ask *ask, const struct pgcensus_failure *failure)
{
    ask->answer->failed = failure->error_class != PGCENSUS_CLASS_NONE;
    ask->answer->failure = *failure;
    ask->done = true;
}

static void ask_send(struct ask *ask, enum ask_state state,
                     const struct pg_statement *statement, nsec now)
{
    ask->state = state;
    claim_send(&ask->claim, statement, now, ask->deadline);
}

/* A question behind it on the same connection may take longer. */
static nsec limit_of(const struct ask *ask)
{
    nsec usual = ask->node->options.statement.timeout;
    return (ask->timeout > usual ? ask->timeout : usual) + ENVELOPE_GRACE;
}

static void limit_session(struct ask *ask, nsec now)
{
    AUTO(buf_fini) struct buf sql = BUF_INIT;
    const struct envelope_wish wish = {.limit = limit_of(ask)};
    bool wanted = envelope_limit(&wish, ask->node, claim_conn(&ask->claim), &sql);
    const struct pg_statement limit = {.sql = sql.bytes};
    if (wanted && !sql.broken)
        ask_send(ask, ASK_LIMITING, &limit, now);
    else
        ask_send(ask, ASK_ASKING, &ask->statement, now);
}

static void take_limit(struct ask *ask, nsec now)
{
    struct pg_conn *conn = claim_conn(&ask->claim);
    rowset_free(pg_conn_take_rows(conn));
    if (!pg_conn_failed(conn))
        ask_send(ask, ASK_ASKING, &ask->statement, now);
    else if (envelope_concede(ask->node, conn))
        limit_session(ask, now);
    else
        ask_end(ask, pg_conn_failure(conn));
}

static void take_answer(struct ask *ask)
{
    struct pg_conn *conn = claim_conn(&ask->claim);
    struct pgcensus_failure failure = {0};
    if (pg_conn_failed(conn))
        failure = *pg_conn_failure(conn);
    ask->answer->rows = rowset_rows(pg_conn_take_rows(conn));
    ask->answer->latency = pg_conn_timing(conn)->query;
    ask_end(ask, &failure);
}

static void step_granted(struct ask *ask, nsec now)
{
    if (pg_conn_state(claim_conn(&ask->claim)) == PG_BUSY)
        return;
    if (ask->state == ASK_LIMITING)
        take_limit(ask, now);
    else if (ask->state == ASK_ASKING)
        take_answer(ask);
    else if (ask->claim.fresh)
        limit_session(ask, now);
    else
        ask_send(ask, ASK_ASKING, &ask->statement, now);
}

static void ask_step(struct task *task, short revents, nsec now)
{
    struct ask *ask = container_of(task, struct ask, task);
    switch (ask->claim.state) {
    case CLAIM_NONE:
    case CLAIM_WAITING:
        break;
    case CLAIM_GRANTED:
        step_granted(ask, now);
        break;
    case CLAIM_FAILED:
        ask_end(ask, &ask->claim.failure);
        break;
    }
}

/* A connection in use costs the node no less time than one that is waited for. */
static nsec claim_deadline(const struct node *node, nsec now, nsec deadline)
{
    nsec patience = clock_add(now, node->options.pool.acquire_timeout);
    return patience < deadline ? patience : deadline;
}

bool ask_node(struct engine *engine, struct node *node, const char *sql, nsec timeout,
              struct pgcensus_answer *ret_answer, struct pgcensus_error *ret_error)
{
    nsec now = engine_now(engine);
    struct pgcensus_answer answer = {.latency = PGCENSUS_UNKNOWN_TIME};
    struct ask ask = {
        .node = node,
        .pool = node_pool(node, &engine->home),
        .statement = {.sql = sql,
                      .extended = true,
                      .of_user = true,
                      .max_rows = MOST_ROWS,
                      .max_bytes = MOST_BYTES},
        .timeout = timeout,
        .deadline = clock_add(now, timeout),
        .answer = &answer,
    };
    task_init(&ask.task, ask_step);
    if (!ask.pool || !loop_add(engine->home.loop, &ask.task))
        return error_memory(ret_error);

    pool_claim(ask.pool, &ask.claim, &ask.task, now,
               claim_deadline(node, now, ask.deadline), /* only_fresh= */ false);
    bool turned = true;
    while (!ask.done && (turned = engine_turn(engine, NEVER)))
        ;
    pool_release(ask.pool, &ask.claim, engine_now(engine));
    loop_remove(&ask.task);
    if (!turned)
        return error_memory(ret_error);
    *ret_answer = answer;
    return true;
}

void pgcensus_answer_fini(struct pgcensus_answer *answer)
{
    pgcensus_rows_free(answer->rows);
    *answer = (struct pgcensus_answer){0};
}

/* One statement on one node, as a task that moves while its asker turns the loop.
 *
 * It goes through the node's pool like every query will; so two questions in a row meet
 * the same connection, and a full pool makes them wait. */
#include "fleet/shard.h"

#include "base/error.h"
#include "pg/failure.h"

/* What an answer may hold; whoever needs more streams it. */
enum { MOST_ROWS = 100000, MOST_BYTES = 64 << 20 };

struct ask {
    struct task task;
    struct pool *pool;
    struct claim claim;
    struct pg_statement statement;
    nsec deadline;
    bool sent, done;
    struct pgcensus_answer *answer;
};

static void ask_end(struct ask *ask, const struct pgcensus_failure *failure)
{
    ask->answer->failed = failure->error_class != PGCENSUS_CLASS_NONE;
    ask->answer->failure = *failure;
    ask->done = true;
}

static void step_granted(struct ask *ask, nsec now)
{
    struct pg_conn *conn = claim_conn(&ask->claim);
    if (pg_conn_state(conn) == PG_BUSY)
        return;
    if (!ask->sent) {
        ask->sent = true;
        claim_send(&ask->claim, &ask->statement, now, ask->deadline);
        return;
    }
    struct pgcensus_failure failure = {0};
    if (pg_conn_failed(conn))
        failure = *pg_conn_failure(conn);
    ask->answer->rows = rowset_rows(pg_conn_take_rows(conn));
    ask->answer->latency = pg_conn_timing(conn)->query;
    ask_end(ask, &failure);
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

bool shard_ask(struct shard *shard, struct node *node, const char *sql, nsec timeout,
               struct pgcensus_answer *ret_answer, struct pgcensus_error *ret_error)
{
    nsec now = shard_now(shard);
    struct pgcensus_answer answer = {.latency = PGCENSUS_UNKNOWN_TIME};
    struct ask ask = {
        .pool = node_pool(node, &shard->home),
        .statement = {.sql = sql,
                      .extended = true,
                      .of_user = true,
                      .max_rows = MOST_ROWS,
                      .max_bytes = MOST_BYTES},
        .deadline = clock_add(now, timeout),
        .answer = &answer,
    };
    task_init(&ask.task, ask_step);
    if (!ask.pool || !loop_add(shard->home.loop, &ask.task))
        return error_memory(ret_error);

    pool_claim(ask.pool, &ask.claim, &ask.task, now,
               claim_deadline(node, now, ask.deadline), /* only_fresh= */ false);
    bool turned = true;
    while (!ask.done && (turned = shard_turn(shard, NEVER)))
        ;
    pool_release(ask.pool, &ask.claim, shard_now(shard));
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

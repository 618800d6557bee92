/* What a node owns.
 *
 * The options that it is made of point to strings of somebody else.  All of them are
 * copied into one piece of memory; its size is measured by the walk that copies, so the
 * two cannot differ. */
#include "fleet/node.h"

#include "base/memory.h"
#include "fleet/verdict.h"

#include <string.h>

/* Moves one string of the options into node->text.  Without text yet it measures. */
static void keep(const char **string, char *text, size_t *used)
{
    if (!*string)
        return;
    size_t n = strlen(*string) + 1;
    if (text)
        *string = memcpy(text + *used, *string, n);
    *used += n;
}

static size_t keep_all(struct node *node, char *text)
{
    struct pgcensus_identity *identity = &node->options.identity;
    size_t used = 0;
    keep(&identity->name, text, &used);
    keep(&identity->group, text, &used);
    keep(&identity->host, text, &used);
    keep(&identity->hostaddr, text, &used);
    keep(&identity->dbname, text, &used);
    keep(&identity->user, text, &used);
    keep(&node->options.probe.query, text, &used);
    for (size_t i = 0; i < identity->n_labels; i++) {
        keep(&node->labels[i].key, text, &used);
        keep(&node->labels[i].value, text, &used);
    }
    return used;
}

static bool copy_labels(struct node *node)
{
    struct pgcensus_identity *identity = &node->options.identity;
    size_t n = identity->n_labels;
    if (!n)
        return true;
    node->labels = memory_array(n, sizeof *node->labels);
    if (!node->labels)
        return false;
    memcpy(node->labels, identity->labels, n * sizeof *node->labels);
    identity->labels = node->labels;
    return true;
}

/* Most nodes have none, and then they cost a pointer. */
static bool copy_limits(struct node *node)
{
    const struct pgcensus_limits *limits = node->options.limits;
    if (!limits)
        return true;
    node->limits = memory_array(PGCENSUS_METRICS, sizeof *node->limits);
    if (!node->limits)
        return false;
    memcpy(node->limits, limits, PGCENSUS_METRICS * sizeof *node->limits);
    node->options.limits = node->limits;
    return true;
}

struct node *node_new(const struct node_options *options, size_t index, nsec now)
{
    AUTO(node_drop) struct node *node = memory_new(struct node);
    if (!node)
        return NULL;
    node->users = 1;
    node->index = index;
    node->options = *options;
    node->target = pg_target_copy(&options->target);
    if (!node->target || !copy_labels(node) || !copy_limits(node))
        return NULL;
    node->target->account = node;
    node->options.target = *node->target;
    node->text = memory_array(keep_all(node, NULL), 1);
    if (!node->text)
        return NULL;
    keep_all(node, node->text);
    health_init(&node->health, now);
    latency_init(&node->latency);
    return take_ptr(node);
}

bool node_forget_last(struct node *node)
{
    if (!node->last)
        node->last = memory_new(struct pgcensus_node_result);
    if (!node->last)
        return false;
    free((void *)node->last->facts);
    verdict_blank(node->last, node->index);
    node->last_at = PGCENSUS_UNKNOWN_TIME;
    return true;
}

void node_keep_last(struct node *node, const struct pgcensus_node_result *result,
                    struct pgcensus_facts *facts, nsec now)
{
    free((void *)node->last->facts);
    *node->last = *result;
    node->last->facts = facts;
    node->last_at = now;
}

struct node *node_take(struct node *node)
{
    if (!node_is_vacant(node))
        node->users++;
    return node;
}

void node_drop(struct node *node)
{
    if (!node || node->users == 0 || --node->users > 0)
        return;
    node_close(node);
    node_drop(node->successor);
    free(node->labels);
    free(node->limits);
    free(node->text);
    free(node->facts.why);
    if (node->last)
        free((void *)node->last->facts);
    free(node->last);
    free(node);
}

/* ---- its pools ---- */

static struct pool_options check_pool_options(const struct node *node)
{
    struct pool_options options = node->options.pool;
    options.min = 0;
    options.max = 1;
    options.idle_timeout = 0; /* each check uses it */
    return options;
}

static struct node *current(struct node *node)
{
    while (node->successor)
        node = node->successor;
    return node;
}

static struct pool *make_pool(struct node *node, struct node_home *home,
                              const struct pool_options *options)
{
    struct pool *pool =
        pool_new(home->loop, &home->env, node->target, options, &home->rng);
    if (pool && node->left)
        pool_drain(pool, node->left, loop_now(home->loop));
    return pool;
}

struct pool *node_pool(struct node *node, struct node_home *home)
{
    node = current(node);
    if (!node->pool)
        node->pool = make_pool(node, home, &node->options.pool);
    return node->pool;
}

struct pool *node_check_pool(struct node *node, struct node_home *home)
{
    node = current(node);
    struct pool_options options = check_pool_options(node);
    if (!node->check_pool)
        node->check_pool = make_pool(node, home, &options);
    return node->check_pool;
}

void node_drop_check_pool(struct node *node)
{
    node = current(node);
    if (!node->watch)
        pool_free(take_ptr(node->check_pool));
}

/* ---- changes ---- */

bool node_prepare(struct node *node, const struct node *successor)
{
    return (!node->pool || pool_prepare(node->pool, successor->target)) &&
           (!node->check_pool || pool_prepare(node->check_pool, successor->target));
}

void node_succeed(struct node *node, struct node *successor, nsec now)
{
    struct pool_options options = check_pool_options(successor);
    successor->pool = take_ptr(node->pool);
    successor->check_pool = take_ptr(node->check_pool);
    node->successor = node_take(successor);
    if (successor->pool)
        pool_renew(successor->pool, &successor->options.pool, now);
    if (successor->check_pool)
        pool_renew(successor->check_pool, &options, now);
}

void node_leave(struct node *node, const char *reason, nsec now)
{
    node->left = reason;
    if (node->pool)
        pool_drain(node->pool, reason, now);
    if (node->check_pool)
        pool_drain(node->check_pool, reason, now);
}

void node_close(struct node *node)
{
    pool_free(take_ptr(node->pool));
    pool_free(take_ptr(node->check_pool));
    pg_target_free(take_ptr(node->target));
}

void node_rest(struct node *node, nsec now)
{
    if (node->pool)
        pool_rest(node->pool, now);
    if (node->check_pool)
        pool_rest(node->check_pool, now);
}

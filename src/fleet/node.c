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
    pool_free(node->pool);
    pool_free(node->check_pool);
    pg_target_free(node->target);
    free(node->labels);
    free(node->limits);
    free(node->text);
    free(node->facts.why);
    if (node->last)
        free((void *)node->last->facts);
    free(node->last);
    free(node);
}

struct pool *node_pool(struct node *node, struct node_home *home)
{
    if (!node->pool)
        node->pool = pool_new(home->loop, &home->env, node->target, &node->options.pool,
                              &home->rng);
    return node->pool;
}

struct pool *node_check_pool(struct node *node, struct node_home *home)
{
    struct pool_options options = node->options.pool;
    options.min = 0;
    options.max = 1;
    options.idle_timeout = 0; /* each check uses it */
    if (!node->check_pool)
        node->check_pool =
            pool_new(home->loop, &home->env, node->target, &options, &home->rng);
    return node->check_pool;
}

void node_drop_check_pool(struct node *node)
{
    pool_free(node->check_pool);
    node->check_pool = NULL;
}

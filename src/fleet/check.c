/* The public round of checks: starts one on every shard and takes what they find. */
#include "base/error.h"
#include "base/memory.h"
#include "fleet/inside.h"
#include "fleet/round.h"

struct pgcensus_check *
pgcensus_check_start(struct pgcensus_fleet *fleet,
                     const struct pgcensus_check_options *options,
                     struct pgcensus_error *ret_error)
{
    if (fleet->check || fleet->stopping) {
        error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                  fleet->check ? "a round of checks is under way already"
                               : "the fleet is stopping");
        return NULL;
    }
    AUTO(pgcensus_check_free)
    struct pgcensus_check *check = memory_new(struct pgcensus_check);
    if (!check) {
        error_memory(ret_error);
        return NULL;
    }
    check->fleet = fleet;
    check->stop_fd = options->stop_fd;
    fleet->check = check;
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = fleet->shards[i];
        shard->round = round_new(shard, options, shard_now(shard));
        if (!shard->round) {
            error_memory(ret_error);
            return NULL;
        }
        loop_attend(shard->home.loop, options->attentive);
    }
    return take_ptr(check);
}

static bool take(struct pgcensus_check *check)
{
    for (size_t i = 0; i < SHARDS; i++)
        if (round_take(check->fleet->shards[i]->round, &check->result))
            return true;
    return false;
}

static bool is_over(const struct pgcensus_check *check)
{
    for (size_t i = 0; i < SHARDS; i++)
        if (!round_over(check->fleet->shards[i]->round))
            return false;
    return true;
}

/* Ends the turn early if the caller's descriptor rings.  When the system cannot even
 * wait for us, whatever is left is unknown, for our own fault. */
static bool turn(struct pgcensus_check *check, nsec until)
{
    struct shard *shard = check->fleet->shards[0];
    shard_listen(shard, check->stop_fd);
    if (!shard_turn(shard, until))
        round_stop(shard->round, PGCENSUS_CLASS_LOCAL, "no memory to wait with",
                   shard_now(shard));
    bool rung = shard->rung;
    shard_listen(shard, -1);
    return !rung;
}

enum pgcensus_turn pgcensus_check_next(struct pgcensus_check *check, nsec max_wait,
                                       const struct pgcensus_node_result **ret_result)
{
    if (!check->fleet)
        return PGCENSUS_TURN_END;
    const struct shard *shard = check->fleet->shards[0];
    nsec until = clock_add(shard_now(shard), max_wait);
    for (;;) {
        if (take(check)) {
            *ret_result = &check->result;
            return PGCENSUS_TURN_NODE;
        }
        if (is_over(check))
            return PGCENSUS_TURN_END;
        if (!turn(check, until) || shard_now(shard) >= until)
            break;
    }
    if (!take(check))
        return PGCENSUS_TURN_TICK;
    *ret_result = &check->result;
    return PGCENSUS_TURN_NODE;
}

void pgcensus_check_stop(struct pgcensus_check *check, const char *reason)
{
    check->stop_fd = -1;
    if (!check->fleet)
        return;
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = check->fleet->shards[i];
        round_stop(shard->round, PGCENSUS_CLASS_CANCELLED, reason, shard_now(shard));
    }
}

void pgcensus_check_free(struct pgcensus_check *check)
{
    if (!check)
        return;
    if (check->fleet) {
        for (size_t i = 0; i < SHARDS; i++) {
            round_free(take_ptr(check->fleet->shards[i]->round));
            loop_attend(check->fleet->shards[i]->home.loop, false);
        }
        check->fleet->check = NULL;
    }
    free(check);
}

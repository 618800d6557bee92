/* The state of a node and its transitions, as a table.
 *
 * A fact first moves the counters, then the first row that names the state, the
 * fact and a condition that holds gives the new state and the words for it.  No
 * row: the state stays.  So all transitions are in one place, and the diagram
 * in README.md is printed from it.
 *
 * A late answer changes nothing.  A success counts only while a check is known
 * to be under way; otherwise the answer to a check that was sent before the
 * node went down, was suspended or was given up would bring it back. */
#include "health/state.h"

#include "base/auto.h"

#include <limits.h>

#define IN(name) (1u << PGCENSUS_##name)
#define ANY_BUT(name) (((1u << (PGCENSUS_DISCONNECTED + 1)) - 1) & ~IN(name))

enum condition { ALWAYS, FALL_REACHED, RISE_REACHED, NO_ATTEMPT_LEFT };

static const char *condition_text(enum condition condition)
{
    switch (condition) {
    case ALWAYS:
        return NULL;
    case FALL_REACHED:
        return "fall in a row";
    case RISE_REACHED:
        return "rise in a row";
    case NO_ATTEMPT_LEFT:
        return "max_attempts made";
    }
    return NULL;
}

static const struct transition {
    unsigned from;
    enum health_fact fact;
    enum condition condition;
    enum pgcensus_state to;
    const char *because;
} rules[] = {
    {IN(CONNECTING), HEALTH_SUCCEEDED, RISE_REACHED, PGCENSUS_HEALTHY, "it answered"},
    {IN(CONNECTING), HEALTH_FELL, ALWAYS, PGCENSUS_UNHEALTHY,
     "it failed before it was ever healthy"},
    {IN(CONNECTING) | IN(HEALTHY), HEALTH_REFUSED, ALWAYS, PGCENSUS_UNHEALTHY,
     "it refuses us, and trying again soon cannot help"},
    {IN(HEALTHY), HEALTH_FELL, FALL_REACHED, PGCENSUS_UNHEALTHY,
     "too many checks in a row failed"},

    {IN(UNHEALTHY), HEALTH_RETRYING, ALWAYS, PGCENSUS_RECONNECTING,
     "a new attempt began"},
    {IN(RECONNECTING), HEALTH_SUCCEEDED, RISE_REACHED, PGCENSUS_HEALTHY,
     "it answers again"},
    {IN(RECONNECTING), HEALTH_FELL, NO_ATTEMPT_LEFT, PGCENSUS_FAILED,
     "the last of the allowed attempts failed"},
    {IN(RECONNECTING), HEALTH_FELL, ALWAYS, PGCENSUS_UNHEALTHY, "the attempt failed"},
    {IN(RECONNECTING), HEALTH_REFUSED, NO_ATTEMPT_LEFT, PGCENSUS_FAILED,
     "the last of the allowed attempts was refused"},
    {IN(RECONNECTING), HEALTH_REFUSED, ALWAYS, PGCENSUS_UNHEALTHY,
     "the attempt was refused"},

    {ANY_BUT(DISCONNECTED) & ~IN(SUSPENDED), HEALTH_SUSPEND, ALWAYS, PGCENSUS_SUSPENDED,
     "an operator suspended it"},
    {IN(SUSPENDED), HEALTH_RESUME, ALWAYS, PGCENSUS_CONNECTING,
     "an operator resumed it"},
    {IN(UNHEALTHY) | IN(RECONNECTING) | IN(FAILED), HEALTH_RESET, ALWAYS,
     PGCENSUS_CONNECTING, "it was reset"},
    {ANY_BUT(DISCONNECTED), HEALTH_REMOVED, ALWAYS, PGCENSUS_DISCONNECTED,
     "it was removed, or we are stopping"},
};

void health_init(struct health *health, nsec now)
{
    *health = (struct health){.state = PGCENSUS_CONNECTING, .since = now};
}

static unsigned one_more(unsigned n)
{
    return n < UINT_MAX ? n + 1 : n;
}

/* The states in which a node is checked; facts of other nodes are not counted. */
static bool is_asked(enum pgcensus_state state)
{
    const unsigned asked =
        IN(CONNECTING) | IN(HEALTHY) | IN(UNHEALTHY) | IN(RECONNECTING);
    return asked & 1u << state;
}

static void count_check(struct health *health, enum health_fact fact)
{
    switch (fact) {
    case HEALTH_SUCCEEDED:
        if (health->state == PGCENSUS_UNHEALTHY)
            return; /* late: no check is under way */
        health->successes = one_more(health->successes);
        health->failures = 0;
        return;
    case HEALTH_FELL:
    case HEALTH_REFUSED:
        health->failures = one_more(health->failures);
        health->successes = 0;
        return;
    case HEALTH_RETRYING:
        if (health->state == PGCENSUS_UNHEALTHY ||
            health->state == PGCENSUS_RECONNECTING)
            health->attempts = one_more(health->attempts);
        return;
    case HEALTH_UNTOLD:
        if (health->state == PGCENSUS_RECONNECTING && health->attempts)
            health->attempts--;
        return;
    case HEALTH_SUSPEND:
    case HEALTH_RESUME:
    case HEALTH_RESET:
    case HEALTH_REMOVED:
        return;
    }
}

static bool holds(enum condition condition, const struct health *health,
                  const struct health_options *options)
{
    switch (condition) {
    case ALWAYS:
        return true;
    case FALL_REACHED:
        return health->failures >= options->fall;
    case RISE_REACHED:
        return health->successes >= options->rise;
    case NO_ATTEMPT_LEFT:
        return options->max_attempts && health->attempts >= options->max_attempts;
    }
    return false;
}

static void enter(struct health *health, enum pgcensus_state state, nsec now)
{
    health->state = state;
    health->since = now;
    if (state == PGCENSUS_CONNECTING)
        health->failures = health->successes = health->attempts = 0;
    if (state == PGCENSUS_HEALTHY)
        health->attempts = 0;
}

struct health_change health_apply(struct health *health,
                                  const struct health_options *options,
                                  enum health_fact fact, nsec now)
{
    struct health_change change = {.from = health->state, .to = health->state};
    if (is_asked(health->state))
        count_check(health, fact);

    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        const struct transition *rule = &rules[i];
        if (!(rule->from & 1u << health->state) || rule->fact != fact ||
            !holds(rule->condition, health, options))
            continue;
        change.to = rule->to;
        change.because = rule->because;
        change.row = (unsigned)i;
        enter(health, rule->to, now);
        break;
    }
    return change;
}

bool health_fact_of(enum pgcensus_class error_class, enum health_fact *ret_fact)
{
    switch (error_class) {
    case PGCENSUS_CLASS_NONE:
        *ret_fact = HEALTH_SUCCEEDED;
        return true;
    case PGCENSUS_CLASS_TLS:
    case PGCENSUS_CLASS_AUTH:
    case PGCENSUS_CLASS_CONFIG:
        *ret_fact = HEALTH_REFUSED;
        return true;
    case PGCENSUS_CLASS_DNS:
    case PGCENSUS_CLASS_REFUSED:
    case PGCENSUS_CLASS_UNREACHABLE:
    case PGCENSUS_CLASS_TIMEOUT:
    case PGCENSUS_CLASS_NOT_READY:
    case PGCENSUS_CLASS_SATURATED:
    case PGCENSUS_CLASS_LOST:
    case PGCENSUS_CLASS_PROTOCOL:
    case PGCENSUS_CLASS_QUERY:
    case PGCENSUS_CLASS_LIMIT:
    case PGCENSUS_CLASS_INTERNAL:
        *ret_fact = HEALTH_FELL;
        return true;
    case PGCENSUS_CLASS_CANCELLED:
    case PGCENSUS_CLASS_LOCAL:
        return false;
    }
    return false;
}

bool health_row(size_t i, struct health_row *ret_row)
{
    if (i >= ARRAY_SIZE(rules))
        return false;
    *ret_row = (struct health_row){
        .from = rules[i].from,
        .fact = rules[i].fact,
        .to = rules[i].to,
        .condition = condition_text(rules[i].condition),
        .because = rules[i].because,
    };
    return true;
}

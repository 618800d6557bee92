/* What commands that check have, and what it means together.
 *
 * help is a phrase for the terminal; detail are sentences for the man page and are
 * written for scdoc (*bold*, _underlined_). */
#include "cli/shared/check_options.h"
#include "cli/parse/option_types.h"

#include "base/error.h"
#include "base/quantity.h"
#include "cli/parse/suggest.h"

#include <stdio.h>
#include <string.h>

enum facts_choice { FACTS_FULL, FACTS_BASIC, FACTS_NONE };

static const char *const facts_names[] = {
    [FACTS_FULL] = "full", [FACTS_BASIC] = "basic", [FACTS_NONE] = "none", NULL};

/* The members of struct required by what a configuration calls them. */
static struct group_rule *find_group_rule(struct required *required, const char *key,
                                          size_t n, const char **ret_nearest)
{
    static const char *const names[] = {"primaries", "standbys", "min_healthy"};
    struct group_rule *const rules[] = {&required->primaries, &required->standbys,
                                        &required->min_healthy};
    char word[32];
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (strlen(names[i]) == n && strncmp(names[i], key, n) == 0)
            return rules[i];
    snprintf(word, sizeof word, "%.*s", (int)n, key);
    *ret_nearest = suggest(word, names, ARRAY_SIZE(names));
    return NULL;
}

static bool read_group_rule(const struct option *option, const char *value, void *to,
                            struct pgcensus_error *ret_error)
{
    size_t n = strcspn(value, "=");
    const char *nearest = NULL;
    struct group_rule *rule = find_group_rule(to, value, n, &nearest);
    int64_t count;
    if (value[n] == '\0')
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "\"%s\" is not KEY=N, such as primaries=1", value);
    if (!rule)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "unknown rule \"%.*s\"%s%s%s, use primaries, standbys or "
                         "min_healthy",
                         (int)n, value, nearest ? " (did you mean \"" : "",
                         nearest ? nearest : "", nearest ? "\"?)" : "");
    if (quantity_count(value + n + 1, 0, 100000, &count) != QUANTITY_OK)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "\"%s\" is not a whole number from 0 to 100000",
                         value + n + 1);
    *rule = (struct group_rule){(unsigned)count, true};
    return true;
}

static const struct option facts_rows[] = {
    {OPTION(NULL, "facts", "LEVEL", option_choice, struct facts_options, level),
     .choices = facts_names,
     .help = "what to ask beyond SELECT 1: full (default), basic or none",
     .detail = "One more round trip per node. _basic_ is what lag and the verdicts on "
               "groups need; _full_ adds replication slots and who takes WAL. What the "
               "login role may not see is null."},
};

static const struct option limit_rows[] = {
    {OPTION(NULL, "warning", "METRIC=RANGE", option_words, struct limit_options,
            warnings),
     .help = "warn of nodes whose METRIC is outside of RANGE: latency=200ms, "
             "lag_bytes=16MB, connections=80%, uptime=10m: (repeatable)",
     .detail =
         "A metric is _latency_, _lag\\_bytes_, _lag\\_seconds_, _connections_, "
         "_clock\\_offset_, _slot\\_retained_, _cert\\_expiry_ or _uptime_. RANGE is "
         "END, START:END, START: or @START:END, with units, as in *thresholds* of "
         "*pgcensus.yaml*(5); _~:_ is no limit. Stronger than the configuration."},
    {OPTION(NULL, "critical", "METRIC=RANGE", option_words, struct limit_options,
            criticals),
     .help = "the same, and the node counts as down"},
    {OPTION(NULL, "require", "KEY=N", read_group_rule, struct limit_options, required),
     .help = "what each group must have: primaries=1, standbys=2 or min_healthy=2 "
             "(repeatable)",
     .detail = "Stronger than *require* in the configuration, and for groups that have "
               "none there, too."},
};

static const struct option history_rows[] = {
    {OPTION(NULL, "state-file", "FILE", option_file_name, struct history_options,
            state_file),
     .offer = OFFER_FILES,
     .help = "remember the nodes in FILE from run to run, so that fall, rise and "
             "flapping count",
     .detail =
         "A node that was well and does not answer is then a warning until that "
         "happened _check.fall_ times in a row (a login that is refused is down at "
         "once), one that was down is down until it answered _check.rise_ times, and "
         "one that keeps changing is a warning. Runs that share FILE follow one "
         "another. A file that is lost, damaged or locked for too long is a warning on "
         "stderr, and a node that does not answer is down at once."},
};

const struct option_group facts_options = {"What is asked", facts_rows,
                                           ARRAY_SIZE(facts_rows)};
const struct option_group limit_options = {"Limits", limit_rows,
                                           ARRAY_SIZE(limit_rows)};
const struct option_group history_options = {"Verdict", history_rows,
                                             ARRAY_SIZE(history_rows)};

enum pgcensus_facts_level check_facts_level(const struct facts_options *options)
{
    switch ((enum facts_choice)options->level) {
    case FACTS_NONE:
        return PGCENSUS_FACTS_NONE;
    case FACTS_BASIC:
        return PGCENSUS_FACTS_BASIC;
    case FACTS_FULL:
        break;
    }
    return PGCENSUS_FACTS_FULL;
}

struct pgcensus_require check_require(const struct limit_options *options)
{
    const struct required *required = &options->required;
    return (struct pgcensus_require){
        .primaries = required->primaries.given ? (int)required->primaries.n : -1,
        .standbys = required->standbys.given ? (int)required->standbys.n : -1,
        .min_healthy = required->min_healthy.given ? (int)required->min_healthy.n : -1,
    };
}

/* Without facts there are two metrics left.  Misspelt ones are told of later. */
static bool can_be_known(const char *option, const struct option_list *limits,
                         struct pgcensus_error *ret_error)
{
    for (size_t i = 0; i < limits->n; i++) {
        enum pgcensus_metric metric;
        char name[32];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(limits->items[i], "="),
                 limits->items[i]);
        if (pgcensus_metric_find(name, &metric) && metric != PGCENSUS_METRIC_LATENCY &&
            metric != PGCENSUS_METRIC_CERT_EXPIRY)
            return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                             "%s %s needs facts, and --facts none asks for none",
                             option, name);
    }
    return true;
}

bool check_makes_sense(const struct check_options *options,
                       struct pgcensus_error *ret_error)
{
    const struct limit_options *limits = &options->limits;
    if (!verdict_makes_sense(&options->verdict, ret_error))
        return false;
    return check_facts_level(&options->facts) != PGCENSUS_FACTS_NONE ||
           (can_be_known("--warning", &limits->warnings, ret_error) &&
            can_be_known("--critical", &limits->criticals, ret_error));
}

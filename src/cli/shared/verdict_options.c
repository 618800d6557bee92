#include "cli/shared/verdict_options.h"
#include "cli/parse/option_types.h"

#include "base/error.h"
#include "base/quantity.h"

static const char *const fail_on_names[] = {"warn", "down", "never", NULL};

static bool read_retries(const struct option *option, const char *value, void *to,
                         struct pgcensus_error *ret_error)
{
    struct retries *retries = to;
    retries->given = option_count(option, value, &retries->n, ret_error);
    return retries->given;
}

static bool read_quorum(const struct option *option, const char *value, void *to,
                        struct pgcensus_error *ret_error)
{
    struct exit_rule *rule = to;
    int64_t count;
    double share;
    if (quantity_count(value, 0, 1000000, &count) == QUANTITY_OK) {
        rule->quorum = QUORUM_COUNT;
        rule->count = (unsigned)count;
        return true;
    }
    if (quantity_share(value, &share) == QUANTITY_OK) {
        rule->quorum = QUORUM_SHARE;
        rule->share = share;
        return true;
    }
    return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                     "\"%s\" is neither a number of nodes nor a share such as 80%%",
                     value);
}

#define ROW(letters, name, value, type, member)                                        \
    OPTION(letters, name, value, type, struct verdict_options, member)

static const struct option verdict_rows[] = {
    {ROW(NULL, "retries", "N", read_retries, retries), .min = 0, .max = 100,
     .help = "ask a node up to N times more if asking again may help",
     .detail = "Refused and lost connections and servers that are starting are asked "
               "again; failed logins never are, so that no account is locked."},
    {ROW(NULL, "fail-on", "VERDICT", option_choice, fail_on), .choices = fail_on_names,
     .help = "exit with 1 or 2 from this verdict on: warn (default), down or never",
     .detail =
         "With _down_ a warning is no reason to fail; with _never_ the exit status "
         "says only that the check took place."},
    {ROW(NULL, "min-ok", "N|P%", read_quorum, quorum),
     .help = "exit with 0 if so many nodes are ok or warn (query: have answered), else "
             "with 2",
     .detail =
         "A share counts the nodes that are not disabled. Cannot be combined with "
         "*--fail-on*."},
};

const struct option_group verdict_options = {"Verdict", verdict_rows,
                                             ARRAY_SIZE(verdict_rows)};

int verdict_retries(const struct verdict_options *options)
{
    return options->retries.given ? (int)options->retries.n : -1;
}

struct exit_rule verdict_exit_rule(const struct verdict_options *options)
{
    struct exit_rule rule = options->quorum;
    rule.fail_on = (enum fail_on)options->fail_on;
    return rule;
}

bool verdict_makes_sense(const struct verdict_options *options,
                         struct pgcensus_error *ret_error)
{
    return options->quorum.quorum == QUORUM_NONE || options->fail_on == FAIL_ON_WARN ||
           error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                     "--min-ok and --fail-on cannot be combined");
}

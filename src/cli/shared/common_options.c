/* The rows of the shared options.  Letters keep the meaning they have in psql where
 * psql has one; that is why -c is left free and --config is -C.
 *
 * help is a phrase for the terminal; detail are sentences for the man page and are
 * written for scdoc (*bold*, _underlined_). */
#include "cli/shared/common.h"

#include "base/error.h"
#include "base/quantity.h"
#include "cli/parse/suggest.h"

#include <stdio.h>
#include <string.h>

static const char *const expanded_names[] = {"off", "on", "auto", NULL};
static const char *const color_names[] = {"auto", "always", "never", NULL};
static const char *const fail_on_names[] = {"warn", "down", "never", NULL};
static const char *const facts_names[] = {"full", "basic", "none", NULL};
static const char *const role_names[] = {"primary", "standby", NULL};

static bool read_role(const struct option *option, const char *value, void *to,
                      struct pgcensus_error *ret_error)
{
    int choice;
    if (!option_choice(option, value, &choice, ret_error))
        return false;
    *(enum pgcensus_role *)to = choice == 0 ? PGCENSUS_PRIMARY : PGCENSUS_STANDBY;
    return true;
}

static bool read_file_name(const struct option *option, const char *value, void *to,
                           struct pgcensus_error *ret_error)
{
    if (!*value)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "the name of a file is missing");
    *(const char **)to = value;
    return true;
}

static bool read_output(const struct option *option, const char *value, void *to,
                        struct pgcensus_error *ret_error)
{
    if (!read_file_name(option, value, to, ret_error))
        return false;
    if (strcmp(value, "-") == 0)
        *(const char **)to = NULL;
    return true;
}

/* psql's -P has many names; the others have options of their own here. */
static bool read_print_setting(const struct option *option, const char *value, void *to,
                               struct pgcensus_error *ret_error)
{
    static const char name[] = "null=";
    if (strncmp(value, name, strlen(name)) != 0)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "only null=TEXT can be set here");
    *(const char **)to = value + strlen(name);
    return true;
}

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

/* The members of struct required by what a configuration calls them. */
static struct rule *find_rule(struct required *required, const char *key, size_t n,
                              const char **ret_nearest)
{
    static const char *const names[] = {"primaries", "standbys", "min_healthy"};
    struct rule *const rules[] = {&required->primaries, &required->standbys,
                                  &required->min_healthy};
    char word[32];
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (strlen(names[i]) == n && strncmp(names[i], key, n) == 0)
            return rules[i];
    snprintf(word, sizeof word, "%.*s", (int)n, key);
    *ret_nearest = suggest(word, names, ARRAY_SIZE(names));
    return NULL;
}

static bool read_rule(const struct option *option, const char *value, void *to,
                      struct pgcensus_error *ret_error)
{
    size_t n = strcspn(value, "=");
    const char *nearest = NULL;
    struct rule *rule = find_rule(to, value, n, &nearest);
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
    *rule = (struct rule){(unsigned)count, true};
    return true;
}

#define ROW(letters, name, value, type, member)                                        \
    OPTION(letters, name, value, type, struct common, member)

static const struct option source_options[] = {
    {ROW("C", "config", "FILE", option_text, config), .offer = OFFER_FILES,
     .help = "read the nodes from FILE",
     .detail = "Without it the first of *$PGCENSUS_CONFIG*, "
               "*$XDG_CONFIG_HOME/pgcensus/config.yaml* (by default below *~/.config*) "
               "*pgcensus/config.yaml* in the build's _sysconfdir_ and "
               "*/etc/pgcensus/config.yaml* is read. Files are not merged, and the "
               "working directory is never searched."},
    {ROW(NULL, "url", "URL", option_words, urls),
     .help = "a node that stands in no configuration: a URI or a connection string, "
             "postgresql://USER@HOST:PORT/DBNAME or \"host=HOST port=PORT\" "
             "(repeatable)",
     .detail = "A configuration is then read only if *-C* names one. A password in it "
               "is refused, because "
               "every user of the machine can read command lines; use *~/.pgpass* or "
               "*$PGPASSWORD*."},
    {ROW(NULL, "set", "KEY=VALUE", option_words, sets),
     .help = "set a key of every node for this run, such as sslmode=disable "
             "(repeatable)",
     .detail =
         "Stronger than anything in the configuration. Secrets are refused, and so "
         "is _allow\\_write_."},
};

static const struct option selection_options[] = {
    {ROW("n", "node", "GLOB[,...]", option_words, nodes), .offer = OFFER_NODES,
     .help = "only nodes whose name matches; !GLOB leaves out (repeatable)",
     .detail = "A name without a wildcard that no node has is an error."},
    {ROW("g", "group", "NAME[,...]", option_words, groups), .offer = OFFER_GROUPS,
     .help = "only nodes of these groups (repeatable)"},
    {ROW("l", "label", "KEY=VALUE", option_words, labels),
     .help = "only nodes with this label (repeatable: with all of them)"},
};

static const struct option facts_options[] = {
    {ROW(NULL, "facts", "LEVEL", option_choice, facts), .choices = facts_names,
     .help = "what to ask beyond SELECT 1: full (default), basic or none",
     .detail = "One more round trip per node. _basic_ is what lag and the verdicts on "
               "groups need; _full_ adds replication slots and who takes WAL. What the "
               "login role may not see is null."},
};

static const struct option result_options[] = {
    {ROW(NULL, "role", "ROLE", read_role, role), .choices = role_names,
     .help = "leave out nodes that turn out to have the other role: primary or standby",
     .detail =
         "The role is the one that a server reports when it is asked. A node whose "
         "role cannot be learnt is never left out."},
};

static const struct option time_options[] = {
    {ROW("T", "timeout", "DURATION", option_duration, timeout),
     .help = "judge each node after that long at the latest (500ms, 5s)"},
    {ROW(NULL, "connect-timeout", "DURATION", option_duration, connect_timeout),
     .help = "give up connecting after that long; a check of a node that has to be "
             "connected first is over then, too"},
    {ROW(NULL, "deadline", "DURATION", option_duration, deadline),
     .help = "end the whole run after that long and print what came in",
     .detail = "A node that is being asked then is down with class _timeout_; one that "
               "was not begun is _unknown_. In a query both have failed. Time in which "
               "pgcensus itself was stopped does not count."},
    {ROW("j", "jobs", "N", option_count, jobs), .min = 1, .max = 100000,
     .help = "ask at most N nodes at a time",
     .detail = "By default 1000, or as many as the limit of open files allows."},
};

static const struct option limit_options[] = {
    {ROW(NULL, "warning", "METRIC=RANGE", option_words, warnings),
     .help = "warn of nodes whose METRIC is outside of RANGE: latency=200ms, "
             "lag_bytes=16MB, connections=80%, uptime=10m: (repeatable)",
     .detail =
         "A metric is _latency_, _lag\\_bytes_, _lag\\_seconds_, _connections_, "
         "_clock\\_offset_, _slot\\_retained_, _cert\\_expiry_ or _uptime_. RANGE is "
         "END, START:END, START: or @START:END, with units, as in *thresholds* of "
         "*pgcensus.yaml*(5); _~:_ is no limit. Stronger than the configuration."},
    {ROW(NULL, "critical", "METRIC=RANGE", option_words, criticals),
     .help = "the same, and the node counts as down"},
    {ROW(NULL, "require", "KEY=N", read_rule, required),
     .help = "what each group must have: primaries=1, standbys=2 or min_healthy=2 "
             "(repeatable)",
     .detail = "Stronger than *require* in the configuration, and for groups that have "
               "none there, too."},
};

static const struct option verdict_options[] = {
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

static const struct option past_options[] = {
    {ROW(NULL, "state-file", "FILE", read_file_name, state_file), .offer = OFFER_FILES,
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

static const struct option output_options[] = {
    {ROW(NULL, "json", NULL, common_read_format, format),
     .help = "the same as --format json"},
    {ROW(NULL, "ndjson", NULL, common_read_format, format),
     .help = "the same as --format ndjson: a line per node or row, at once"},
    {ROW(NULL, "csv", NULL, common_read_format, format),
     .help = "the same as --format csv"},
    {ROW("o", "output", "FILE", read_output, output), .offer = OFFER_FILES,
     .help = "replace FILE by the output once that is complete",
     .detail = "It keeps its owner, group and mode. Until then the output has no name, "
               "and nothing of it is left if the run is killed."},
    {ROW("x", "expanded", "WHEN", option_choice, expanded), .value_optional = true,
     .choices = expanded_names, .preset = EXPANDED_ON,
     .help = "each row as a block of lines: on, off, or auto if it is wide"},
    {ROW("A", "no-align", NULL, option_flag, unaligned),
     .help = "fields with | between them instead of aligned columns"},
    {ROW("t", "tuples-only", NULL, option_flag, tuples_only),
     .help = "rows only, no header and no summary"},
    {ROW("P", "pset", "null=TEXT", read_print_setting, null),
     .help = "show TEXT for what is NULL or not known"},
    {ROW(NULL, "width", "N", option_count, width), .min = 20, .max = 10000,
     .help = "lay out for N columns instead of the terminal's",
     .detail = "What is not written to a terminal has no width and is never cut."},
    {ROW(NULL, "ascii", NULL, option_flag, ascii), .help = "no other shapes than + ! x",
     .detail = "This is the default where the locale has no UTF-8."},
    {ROW(NULL, "color", "WHEN", option_choice, color), .choices = color_names,
     .help = "colour: auto (default), always or never",
     .detail =
         "_auto_ looks at *$NO_COLOR*, then at *$CLICOLOR_FORCE*, then whether the "
         "output is a terminal. Colour only repeats what a word and a shape say."},
    {ROW(NULL, "all", NULL, option_flag, all),
     .help = "check: every node, also when they do not fit the screen"},
    {ROW("q", "quiet", NULL, option_flag, quiet),
     .help = "no progress, no notes; check: problems only, nothing if it exits with 0",
     .detail = "Who failed is always named. This is about tables; other formats are "
               "always complete, because a program waits for them."},
    {ROW("v", "verbose", NULL, option_flag, verbose),
     .help = "with notes on ignored variables, MD5 logins, superusers"},
};

static const struct option general_options[] = {
    {ROW("h?", "help", NULL, option_flag, help), .help = "show this help",
     .not_before_word = "-h is --help here; a host is given by --url host="},
    {ROW("V", "version", NULL, option_flag, version),
     .help = "show the versions of pgcensus and of what it was built with"},
};

/* What the fingers of psql and pg_isready type. */
#define FOREIGN(letters, name, value) ROW(letters, name, value, option_foreign, words)

static const struct option foreign_options[] = {
    {FOREIGN(NULL, "host", "HOST"), .help = "a host is given by --url host=HOST"},
    {FOREIGN("p", "port", "PORT"),
     .help = "a port is given by --set port=PORT, or behind a host: "
             "--url \"host=HOST port=PORT\""},
    {FOREIGN("U", "username", "NAME"), .help = "a user is given by --set user=NAME"},
    {FOREIGN("d", "dbname", "NAME"),
     .help = "a database is given by --set dbname=NAME"},
};

static const struct option_group foreign_group = {"", foreign_options,
                                                  ARRAY_SIZE(foreign_options)};
static const struct option_group *const foreign_groups[] = {&foreign_group, NULL};
const struct option_table common_foreign = {.groups = foreign_groups};

const struct option_group common_source = {"Where nodes come from", source_options,
                                           ARRAY_SIZE(source_options)};
const struct option_group common_selection = {"Which nodes", selection_options,
                                              ARRAY_SIZE(selection_options)};
const struct option_group common_results = {"Which results", result_options,
                                            ARRAY_SIZE(result_options)};
const struct option_group common_time = {"How long", time_options,
                                         ARRAY_SIZE(time_options)};
const struct option_group common_facts = {"What is asked", facts_options,
                                          ARRAY_SIZE(facts_options)};
const struct option_group common_limits = {"Limits", limit_options,
                                           ARRAY_SIZE(limit_options)};
const struct option_group common_verdict = {"Verdict", verdict_options,
                                            ARRAY_SIZE(verdict_options)};
const struct option_group common_past = {"Verdict", past_options,
                                         ARRAY_SIZE(past_options)};
const struct option_group common_output = {"Output", output_options,
                                           ARRAY_SIZE(output_options)};
const struct option_group common_general = {"General", general_options,
                                            ARRAY_SIZE(general_options)};

static const struct option_group *const asking_groups[] = {
    &common_facts,   &common_results, &common_time, &common_limits,
    &common_verdict, &common_past,    NULL};
const struct option_table common_asking = {.groups = asking_groups,
                                           .unlisted = &common_foreign};

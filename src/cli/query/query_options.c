/* The rows of query's own options.  Letters keep the meaning they have in psql.
 *
 * help is a phrase for the terminal; detail are sentences for the man page and are
 * written for scdoc (*bold*, _underlined_). */
#include "cli/parse/option_types.h"
#include "cli/query/query_arguments.h"

#include "base/error.h"
#include "base/quantity.h"

#include <stdint.h>
#include <string.h>

#define ROW(letters, name, value, type, member)                                        \
    OPTION(letters, name, value, type, struct query_arguments, member)

static const char *const rows_names[] = {"arrays", "objects", NULL};
static const char *const numbers_names[] = {"number", "string", NULL};

static bool read_comparison(const struct option *option, const char *value, void *to,
                            struct pgcensus_error *ret_error)
{
    *(struct comparison *)to = (struct comparison){true, value};
    return !value || *value ||
           error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                     "the name of a node is missing");
}

static bool read_tally(const struct option *option, const char *value, void *to,
                       struct pgcensus_error *ret_error)
{
    struct tallies *tallies = to;
    if (tallies->n == MOST_TALLIES)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "more than %d of these; use --reduce", MOST_TALLIES);
    tallies->items[tallies->n++] =
        (struct pgcensus_tally){(enum pgcensus_tally_kind)option->preset, value};
    return true;
}

static bool read_rows_limit(const struct option *option, const char *value, void *to,
                            struct pgcensus_error *ret_error)
{
    int64_t n;
    if (quantity_count(value, 0, INT64_MAX / 2, &n) != QUANTITY_OK)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "\"%s\" is not a number of rows; 0 is no limit", value);
    *(struct limit *)to = (struct limit){(size_t)n, true};
    return true;
}

static bool read_bytes_limit(const struct option *option, const char *value, void *to,
                             struct pgcensus_error *ret_error)
{
    int64_t n;
    if (quantity_size(value, &n) != QUANTITY_OK)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "\"%s\" is not a size such as 64kB or 16MB; 0 is no limit",
                         value);
    *(struct limit *)to = (struct limit){(size_t)n, true};
    return true;
}

static bool read_patience(const struct option *option, const char *value, void *to,
                          struct pgcensus_error *ret_error)
{
    struct patience patience = {.given = true};
    if (strcmp(value, "0") != 0 &&
        !option_duration(option, value, &patience.length, ret_error))
        return false;
    *(struct patience *)to = patience;
    return true;
}

/* 0 stays for what was not said. */
static bool read_said_choice(const struct option *option, const char *value, void *to,
                             struct pgcensus_error *ret_error)
{
    int choice;
    if (!option_choice(option, value, &choice, ret_error))
        return false;
    *(int *)to = choice + 1;
    return true;
}

static const struct option statement_rows[] = {
    {ROW("c", "command", "SQL", option_text, command),
     .help = "the statement, as an option"},
    {ROW("f", "file", "FILE", option_text, file), .offer = OFFER_FILES,
     .help = "read the statement from FILE (\"-\": standard input)"},
    {ROW(NULL, "param", "VALUE", option_words, params),
     .help = "the value of $1, the next one that of $2 (repeatable)",
     .detail = "Values are sent beside the statement and never become part of its "
               "text, so nothing in them needs quoting."},
    {ROW(NULL, "write", NULL, option_flag, write),
     .help = "let the statement write; only on nodes with allow_write",
     .detail = "Without it a statement runs in a read-only transaction that is rolled "
               "back. With it there is no transaction around it, and it is never "
               "repeated. A terminal is asked for confirmation."},
    {ROW(NULL, "yes", NULL, option_flag, yes),
     .help = "do not ask before writing; needed where there is no terminal"},
    {ROW(NULL, "session-display", NULL, option_flag, session_display),
     .help = "leave DateStyle, TimeZone and their like as each session has them",
     .detail =
         "Otherwise values look alike on every server: DateStyle is ISO, TimeZone "
         "UTC, IntervalStyle postgres, bytea\\_output hex, extra\\_float\\_digits "
         "3 and lc\\_monetary C, until the statement is over."},
    {ROW(NULL, "repeat", "DURATION", option_duration, repeat),
     .help = "ask again and again, with that pause, until interrupted",
     .detail = "Connections are kept. On a terminal, values that have changed since "
               "the time before are marked. *--deadline* ends all of it."},
};

static const struct option nodes_rows[] = {
    {ROW(NULL, "healthy", NULL, option_flag, healthy),
     .help = "only nodes that pass their health check first"},
    {ROW(NULL, "any", NULL, option_flag, any),
     .help = "one healthy node, another one each time",
     .detail = "A node that cannot be asked is passed over for the next one. An error "
               "in the statement is the answer."},
    {ROW(NULL, "canary", NULL, option_flag, canary),
     .help = "ask the first node alone, the others only if that went well"},
    {ROW(NULL, "fail-fast", NULL, option_flag, fail_fast),
     .help = "stop everything as soon as one node fails"},
};

#define TALLY(name_, kind_, help_)                                                     \
    {                                                                                  \
        ROW(NULL, name_, "COLUMN", read_tally, tallies), .preset = (kind_),            \
                                                         .help = (help_)               \
    }

static const struct option answer_rows[] = {
    {ROW(NULL, "fold", NULL, option_flag, fold),
     .help = "equal answers once, under the names of all nodes that gave them"},
    {ROW(NULL, "diff", "NODE", read_comparison, diff), .value_optional = true,
     .offer = OFFER_NODES,
     .help = "what differs from NODE, or from what most nodes say"},
    {ROW(NULL, "key", "COLUMN[,...]", option_words, keys),
     .help = "for --diff: the columns that name a row; by default the first one"},
    {ROW(NULL, "unordered", NULL, option_flag, unordered),
     .help = "for --fold and --diff: the order of rows is no difference"},
    {ROW(NULL, "exit-code", NULL, option_flag, exit_code),
     .help = "for --fold and --diff: exit with 1 if answers differ"},
    {ROW(NULL, "reduce", "SQL", option_text, reduce),
     .help = "run a second statement over all rows, in table r",
     .detail = "It runs here, in SQLite, over a table _r_ with the columns _node_ and "
               "_node\\_group_ and those of the answers, and a table _nodes_ with "
               "_node_, _status_, _error_ and _latency\\_ms_. It can only read."},
    TALLY("sum", PGCENSUS_TALLY_SUM, "the sum of a column over all rows (repeatable)"),
    TALLY("min", PGCENSUS_TALLY_MIN, "its smallest value"),
    TALLY("max", PGCENSUS_TALLY_MAX, "its largest value"),
    TALLY("avg", PGCENSUS_TALLY_AVG, "its average"),
    TALLY("count", PGCENSUS_TALLY_COUNT, "how many values it has that are not NULL"),
};

static const struct option limit_rows[] = {
    {ROW(NULL, "max-rows", "N", read_rows_limit, max_rows),
     .help = "print N rows at most; 0: no limit",
     .detail =
         "By default a table and JSON have 100000, other formats no limit. "
         "A node that needs less than an even share gets all of its rows. What is "
         "cut off is said, and makes the exit status 1. With *--reduce* it counts "
         "the rows of the result; *--fold*, *--diff*, *--sum* and the like need all "
         "rows."},
    {ROW(NULL, "max-bytes", "SIZE", read_bytes_limit, max_bytes),
     .help = "keep SIZE of answers at most (64kB, 256MB); 0: no limit",
     .detail = "By default 256MB where answers must be kept."},
    {ROW(NULL, "reader-timeout", "DURATION", read_patience, reader_timeout),
     .help = "give up when the reader takes nothing for so long; 0: never",
     .detail =
         "For CSV, Markdown and NDJSON; 5m by default. While a pager or a stopped pipe "
         "takes "
         "nothing, each server waits with its statement and its snapshot open. "
         "What is under way after that long is cancelled and reported as partial."},
};

static const struct option document_rows[] = {
    {ROW(NULL, "rows", "HOW", read_said_choice, rows), .choices = rows_names,
     .help = "with --json: rows as arrays (default) or objects"},
    {ROW(NULL, "numbers", "HOW", read_said_choice, numbers), .choices = numbers_names,
     .help = "with --json and --ndjson: numbers as number (default) or string"},
};

const struct option_group query_statement_options = {"Statement", statement_rows,
                                                     ARRAY_SIZE(statement_rows)};
const struct option_group query_nodes_options = {"Which of these nodes", nodes_rows,
                                                 ARRAY_SIZE(nodes_rows)};
const struct option_group query_answer_options = {"What to make of the answers",
                                                  answer_rows, ARRAY_SIZE(answer_rows)};
const struct option_group query_limit_options = {"How much", limit_rows,
                                                 ARRAY_SIZE(limit_rows)};
const struct option_group query_document_options = {"JSON", document_rows,
                                                    ARRAY_SIZE(document_rows)};

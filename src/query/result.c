#include "query/result.h"

#include "pg/failure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void result_blank(struct pgcensus_query_result *ret_result, size_t index)
{
    const nsec none = PGCENSUS_UNKNOWN_TIME;
    *ret_result = (struct pgcensus_query_result){
        .index = index, .connect = none, .query = none, .total = none};
}

void result_failed(struct pgcensus_query_result *result,
                   const struct pgcensus_failure *failure)
{
    result->status =
        result->n_rows > 0 ? PGCENSUS_QUERY_PARTIAL : PGCENSUS_QUERY_FAILED;
    result->failed = true;
    result->failure = *failure;
    result->truncated = failure->error_class == PGCENSUS_CLASS_LIMIT;
}

void result_refused(struct pgcensus_query_result *result,
                    enum pgcensus_class error_class, enum pgcensus_phase phase,
                    const char *why)
{
    struct pgcensus_failure failure;
    pg_failure_set(&failure, error_class, phase, "", NULL, "%s", why);
    result_failed(result, &failure);
}

/* Somebody who cancels it has the same SQLSTATE; translated words are not known. */
void result_blame_limit(struct pgcensus_failure *failure)
{
    if (strcmp(failure->sqlstate, "57014") == 0 &&
        strstr(failure->message, "statement timeout"))
        pg_failure_append(
            failure, " of the role, the database or the server, not query_timeout");
}

/* An error of the server's undoes a write, also if the connection ends with it. */
static void add_doubt(struct pgcensus_failure *failure)
{
    if (failure->error_class != PGCENSUS_CLASS_QUERY)
        pg_failure_append(failure, "; it is not known whether it was written");
}

/* ---- a wrong number of parameters ---- */

/* The numbers in a text; false: they are not exactly two. */
static bool find_two(const char *text, unsigned long numbers[2])
{
    static const char digits[] = "0123456789";
    size_t n = 0;
    for (const char *at = text; *(at += strcspn(at, digits)); n++) {
        char *end;
        unsigned long number = strtoul(at, &end, 10);
        if (n < 2)
            numbers[n] = number;
        at = end;
    }
    return n == 2;
}

/* "bind message supplies 0 parameters, but prepared statement "" requires 1", in any
 * language: whoever wrote the statement knows of neither.  False: it says another
 * thing.
 */
static bool needs_params(const struct pgcensus_failure *failure, size_t given,
                         unsigned long *ret_needed)
{
    unsigned long numbers[2];
    if (strcmp(failure->sqlstate, "08P01") != 0 ||
        failure->error_class != PGCENSUS_CLASS_QUERY ||
        !find_two(failure->message, numbers) || numbers[0] == numbers[1])
        return false;
    *ret_needed = numbers[0] == given ? numbers[1] : numbers[0];
    return numbers[0] == given || numbers[1] == given;
}

static void explain_params(struct pgcensus_failure *failure, size_t given)
{
    char text[160];
    unsigned long needed;
    if (!needs_params(failure, given, &needed))
        return;
    if (needed == 1 && given == 0)
        snprintf(text, sizeof text, "the statement has $1: give it by params");
    else if (needed > given)
        snprintf(text, sizeof text, "the statement has $1 to $%lu: give each by params",
                 needed);
    else
        snprintf(text, sizeof text, "the statement has no $%lu, and params gives it",
                 needed + 1);
    pg_failure_reword(failure, text);
    failure->subject = PGCENSUS_SUBJECT_PARAMS;
}

void result_ended(struct pgcensus_query_result *result,
                  const struct pgcensus_query_options *options, bool rests)
{
    const struct pgcensus_failure *failure = &result->failure;
    if (options->write && !rests)
        add_doubt(&result->failure);
    explain_params(&result->failure, options->n_params);
    /* It was done, and more rows came than may be kept, be it the first. */
    if (rests && failure->error_class == PGCENSUS_CLASS_LIMIT && !*failure->sqlstate)
        result->status = PGCENSUS_QUERY_PARTIAL;
}

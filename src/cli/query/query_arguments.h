/* What can be said to pgcensus query, and what it means together. */
#ifndef CLI_QUERY_QUERY_ARGUMENTS_H
#define CLI_QUERY_QUERY_ARGUMENTS_H

#include "cli/shared/general_options.h"
#include "cli/shared/output_options.h"
#include "cli/shared/source_options.h"
#include "cli/shared/time_options.h"
#include "cli/shared/verdict_options.h"

#include <pgcensus/pgcensus.h>

enum { MOST_TALLIES = 16 };

/* A limit that has a default of its own for each format. */
struct limit {
    size_t n; /* 0: none */
    bool given;
};

/* A length of time that has a default. */
struct patience {
    nsec length; /* 0: without end */
    bool given;
};

struct query_arguments {
    struct general_options general; /* its words: the statement, or "-" */
    struct source_options source;
    struct selection_options selection;
    struct result_options results;
    struct time_options time;
    struct verdict_options verdict;
    struct output_options output;

    const char *command, *file; /* -c, -f */
    struct option_list params;

    bool healthy, any, fail_fast, canary;
    bool write, yes;
    bool session_display;
    nsec repeat; /* 0: once */

    bool fold, unordered, exit_code;
    struct comparison {
        bool wanted;
        const char *reference; /* NULL: the largest group */
    } diff;
    struct option_list keys; /* each may be a comma list */
    const char *reduce;
    struct tallies {
        struct pgcensus_tally items[MOST_TALLIES];
        size_t n;
    } tallies;

    struct limit max_rows, max_bytes;
    struct patience reader_timeout;
    int rows;    /* enum rows_choice */
    int numbers; /* enum numbers_choice */
};

/* Unsaid is the first. */
enum rows_choice { ROWS_UNSAID, ROWS_ARRAYS, ROWS_OBJECTS };
enum numbers_choice { NUMBERS_UNSAID, NUMBERS_NUMBER, NUMBERS_STRING };

/* Groups of its own options; their rows write to struct query_arguments. */
extern const struct option_group query_statement_options, query_nodes_options,
    query_answer_options, query_limit_options, query_document_options;

/* False: what was said contradicts itself. */
bool query_makes_sense(const struct query_arguments *arguments,
                       struct pgcensus_error *ret_error);

/* Something is made of all answers together, so they have to be kept first. */
bool query_aggregates(const struct query_arguments *arguments);
/* Rows are printed as they come. */
bool query_streams(const struct query_arguments *arguments);

#endif
